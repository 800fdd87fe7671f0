package dev.coracle.apiserver.admission.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountTest {

    /** As {@code resource.Quantity} prints them. */
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.5, 500m",
        "1500m, 1500m",
        "2000m, 2",
        "1000, 1k",
        "1234, 1234",
        "1e6, 1M",
        "252Mi, 252Mi",
        "1536Mi, 1536Mi",
        "1024Mi, 1Gi",
        "0.5Ki, 512",
        "100n, 100n",
        "1.5Gi, 1536Mi"
    })
    void writesTheCanonicalForm(String text, String canonical) {
        assertThat(Amount.parse(text)).hasToString(canonical);
    }

    @ParameterizedTest
    @CsvSource({"0, 10Mi, 10Mi", "1Gi, 1Gi, 2Gi", "250m, 250m, 500m", "900m, 100m, 1"})
    void addsInTheFormOfTheFirst(String a, String b, String sum) {
        assertThat(Amount.parse(a).plus(Amount.parse(b))).hasToString(sum);
    }
}

package dev.coracle.controllers.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.IntOrString;
import java.math.RoundingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharesTest {

    @ParameterizedTest
    @CsvSource({"25%, 10, 3, 2", "100%, 7, 7, 7", "0%, 7, 0, 0", "1%, 1, 1, 0", "50%, 0, 0, 0"})
    void roundsPercentages(String share, int total, int up, int down) {
        IntOrString value = new IntOrString(share);

        assertThat(Shares.of(value, total, RoundingMode.UP)).isEqualTo(up);
        assertThat(Shares.of(value, total, RoundingMode.DOWN)).isEqualTo(down);
    }

    @Test
    void takesNumbersAsTheyAre() {
        assertThat(Shares.of(new IntOrString(3), 1, RoundingMode.DOWN)).isEqualTo(3);
        assertThat(Shares.of(null, 1, RoundingMode.UP)).isZero();
    }
}

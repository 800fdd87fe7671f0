package dev.coracle.cloudlb.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceRangeTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,      10.1.2.3,    true",
        "10.0.0.0/8,      11.0.0.1,    false",
        "192.0.2.128/25,  192.0.2.200, true",
        "192.0.2.128/25,  192.0.2.1,   false",
        "192.0.2.1,       192.0.2.1,   true",
        "0.0.0.0/0,       8.8.8.8,     true",
        "2001:db8::/32,   192.0.2.1,   false"
    })
    void contains(String range, String client, boolean inside) {
        assertThat(SourceRange.of(range).contains(InetAddress.ofLiteral(client))).isEqualTo(inside);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "ten", "10.0.0.0/x", ""})
    void refusesWhatIsNoRange(String text) {
        assertThatThrownBy(() -> SourceRange.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }
}

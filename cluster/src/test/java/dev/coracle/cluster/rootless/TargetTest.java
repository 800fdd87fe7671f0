package dev.coracle.cluster.rootless;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetTest {

    @ParameterizedTest
    @CsvSource({
        "10.88.0.1, 80, 1024, 127.88.0.1:10080",
        "10.88.0.1, 80, 80, 127.88.0.1:80",
        "10.89.0.11, 30080, 1024, 127.89.0.11:30080",
        "127.0.0.1, 6443, 1024, 127.0.0.1:6443"
    })
    void isOnTheHostAtALoopbackAddressAndAPortThatUsersMayOpen(
            String address, int port, int firstPort, String outside) {
        assertThat(new Target("tcp", address, port).outside(firstPort)).hasToString("/" + outside);
    }

    @Test
    void isReadFromItsLine() {
        Target target = new Target("udp", "10.88.0.7", 53);

        assertThat(Target.parse(target.line())).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp",
                "sctp 1.2.3.4 5",
                "tcp host 80",
                "tcp 1.2.3.4 0",
                "tcp 1.2.3.4 x"
            })
    void refusesOtherLines(String line) {
        assertThatThrownBy(() -> Target.parse(line)).isInstanceOf(IllegalArgumentException.class);
    }
}

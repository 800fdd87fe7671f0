package dev.coracle.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UserPortsTest {

    @Test
    void movesPortsBelowTheFirstOnly() {
        UserPorts ports = new UserPorts(1024);

        assertThat(ports.of(80)).isEqualTo(10080);
        assertThat(ports.of(1023)).isEqualTo(11023);
        assertThat(ports.of(1024)).isEqualTo(1024);
    }

    @Test
    void movesNothingWhereAllMayBeOpened() {
        assertThat(new UserPorts(0).of(53)).isEqualTo(53);
    }
}

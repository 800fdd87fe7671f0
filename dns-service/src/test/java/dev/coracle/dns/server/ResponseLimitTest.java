package dev.coracle.dns.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.dns.server.ResponseLimit.Verdict;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class ResponseLimitTest {

    private static Verdict take(ResponseLimit limit, String address, long seconds) {
        byte[] octets = InetAddress.ofLiteral(address).getAddress();
        return limit.take(octets, octets.length, seconds);
    }

    @Test
    void cutsEverySecondResponseAboveTheLimitAndDropsTheOthers() {
        ResponseLimit limit = new ResponseLimit(2);
        assertThat(take(limit, "192.0.2.1", 7)).isEqualTo(Verdict.SEND);
        assertThat(take(limit, "192.0.2.9", 7)).isEqualTo(Verdict.SEND);
        assertThat(take(limit, "192.0.2.1", 7)).isEqualTo(Verdict.DROP);
        assertThat(take(limit, "192.0.2.1", 7)).isEqualTo(Verdict.CUT);
        assertThat(take(limit, "198.51.100.1", 7)).isEqualTo(Verdict.SEND);
        assertThat(take(limit, "192.0.2.1", 8)).isEqualTo(Verdict.SEND);
    }

    @Test
    void letsEverythingPassWithoutALimit() {
        ResponseLimit limit = new ResponseLimit(0);
        for (int i = 0; i < 100; i++) {
            assertThat(take(limit, "192.0.2.1", 7)).isEqualTo(Verdict.SEND);
        }
    }
}

package dev.coracle.dns.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.dns.server.ResponseLimit.Verdict;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class ResponseLimitTest {

    private static InetSocketAddress client(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 5000);
    }

    @Test
    void cutsEverySecondResponseAboveTheLimitAndDropsTheOthers() {
        ResponseLimit limit = new ResponseLimit(2);
        assertThat(limit.take(client("192.0.2.1"), 7)).isEqualTo(Verdict.SEND);
        assertThat(limit.take(client("192.0.2.9"), 7)).isEqualTo(Verdict.SEND);
        assertThat(limit.take(client("192.0.2.1"), 7)).isEqualTo(Verdict.DROP);
        assertThat(limit.take(client("192.0.2.1"), 7)).isEqualTo(Verdict.CUT);
        assertThat(limit.take(client("198.51.100.1"), 7)).isEqualTo(Verdict.SEND);
        assertThat(limit.take(client("192.0.2.1"), 8)).isEqualTo(Verdict.SEND);
    }

    @Test
    void letsEverythingPassWithoutALimit() {
        ResponseLimit limit = new ResponseLimit(0);
        for (int i = 0; i < 100; i++) {
            assertThat(limit.take(client("192.0.2.1"), 7)).isEqualTo(Verdict.SEND);
        }
    }
}

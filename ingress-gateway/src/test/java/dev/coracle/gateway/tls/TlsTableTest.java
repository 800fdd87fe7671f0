package dev.coracle.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.gateway.route.HostMatcher;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TlsTableTest {

    private final ServerCertificate own = OwnCertificate.create(Instant.EPOCH);
    private final ServerCertificate wildcard = OwnCertificate.create(Instant.EPOCH);
    private final ServerCertificate later = OwnCertificate.create(Instant.EPOCH);
    private final TlsTable table =
            new TlsTable(
                    List.of(
                            host("*.mydomain.com", wildcard),
                            host("app.mydomain.com", own),
                            host("app.mydomain.com", later)));

    @Test
    void prefersAHostsOwnThenTheOldest() {
        assertThat(table.find("app.mydomain.com")).contains(own);
        assertThat(table.find("APP.mydomain.com")).contains(own);
        assertThat(table.find("web.mydomain.com")).contains(wildcard);
    }

    @Test
    void hasNoneForOthers() {
        assertThat(table.find("a.b.mydomain.com")).isEmpty();
        assertThat(table.find("mydomain.com")).isEmpty();
        assertThat(table.find(null)).isEmpty();
    }

    private static TlsHost host(String host, ServerCertificate certificate) {
        return new TlsHost(HostMatcher.of(host), certificate, "shop/cert", "shop/web");
    }
}

package dev.coracle.nodeagent.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeletAccessTest {

    private final KubeletAccess access =
            new KubeletAccess(
                    new KubeletAccess.Reviews() {
                        @Override
                        public Optional<KubeletAccess.Caller> authenticate(String token) {
                            return token.startsWith("of-")
                                    ? Optional.of(
                                            new KubeletAccess.Caller(
                                                    token.substring(3), "", List.of(), Map.of()))
                                    : Optional.empty();
                        }

                        @Override
                        public boolean allows(
                                KubeletAccess.Caller caller, String verb, String subresource) {
                            return caller.user().equals(verb + "-" + subresource);
                        }
                    });

    @ParameterizedTest
    @CsvSource({
        "GET, /pods, get-pods",
        "GET, /pods, get-proxy",
        "GET, /runningpods/, get-pods",
        "GET, /healthz/ping, get-healthz",
        "GET, /healthz, get-proxy",
        "GET, /configz, get-configz",
        "GET, /stats/summary, get-stats",
        "GET, /metrics, get-metrics",
        "GET, /metrics/resource, get-metrics",
        "GET, /logs/, get-log",
        "GET, /containerLogs/ns/pod/c, get-proxy",
        "POST, /exec/ns/pod/c, create-proxy",
        "GET, /exec/ns/pod/c, get-proxy",
        "GET, /, get-proxy"
    })
    void allowsWhoMayUseTheSubresource(String method, String path, String user) {
        assertThat(access.decide(null, "Bearer of-" + user, method, path))
                .isEqualTo(new KubeletAccess.Decision.Allowed());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /stats/summary, get-proxy, [stats]",
        "GET, /metrics, get-stats, [metrics]",
        "GET, /pods, get-healthz, [pods proxy]",
        "GET, /exec/ns/pod/c, get-pods, [proxy]",
        "GET, /podsx, get-pods, [proxy]"
    })
    void forbidsOthers(String method, String path, String user, String subresources) {
        assertThat(access.decide(null, "Bearer of-" + user, method, path))
                .isEqualTo(
                        new KubeletAccess.Decision.Forbidden(
                                "Forbidden (user="
                                        + user
                                        + ", verb=get, resource=nodes, subresource(s)="
                                        + subresources
                                        + ")"));
    }

    @Test
    void knowsNobodyWithoutCertificateOrToken() {
        for (String authorization : List.of("", "Basic x", "Bearer wrong", "Bearer")) {
            assertThat(access.decide(null, authorization, "GET", "/healthz"))
                    .as(authorization)
                    .isEqualTo(new KubeletAccess.Decision.Unauthenticated());
        }
        assertThat(access.decide(null, null, "GET", "/healthz"))
                .isEqualTo(new KubeletAccess.Decision.Unauthenticated());
    }
}

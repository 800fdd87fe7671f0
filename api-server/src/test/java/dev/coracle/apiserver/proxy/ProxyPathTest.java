package dev.coracle.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.proxy.ProxyPath.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyPathTest {

    private static ProxyPath path(String path) {
        return ProxyPath.parse(path).orElseThrow();
    }

    @Test
    void namesWhatIsBehindTheProxyAsItWasSent() {
        ProxyPath path = path("/api/v1/namespaces/ns/services/https:web:http/proxy/a%2Fb/");
        assertThat(path.resource()).isEqualTo("services");
        assertThat(path.namespace()).isEqualTo("ns");
        assertThat(path.prefix()).isEqualTo("/api/v1/namespaces/ns/services/https:web:http/proxy");
        assertThat(path.rest()).isEqualTo("/a%2Fb/");
        assertThat(path.parsedId()).contains(new Named("https", "web", "http"));
    }

    @Test
    void knowsNodesWithoutANamespace() {
        assertThat(path("/api/v1/nodes/one:10256/proxy/healthz").parsedId())
                .contains(new Named("", "one", "10256"));
        assertThat(path("/api/v1/nodes/one%3A10256/proxy").id()).isEqualTo("one:10256");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/namespaces/ns/pods/web",
                "/api/v1/namespaces/ns/pods/web/proxying",
                "/api/v1/namespaces/ns/configmaps/web/proxy",
                "/api/v1/pods/web/proxy"
            })
    void leavesOtherPathsToOthers(String path) {
        assertThat(ProxyPath.parse(path)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {":80", "ftp:web:80", "a:b:c:d", ""})
    void refusesIdsOfAnotherForm(String id) {
        assertThat(new ProxyPath("pods", "ns", id, "", "").parsedId()).isEmpty();
    }
}

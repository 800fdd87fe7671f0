package dev.coracle.nodeagent.serviceproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.serviceproxy.EndpointChoice.NodeView;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServiceProxyTest {

    private final Map<String, Service> services = new ConcurrentHashMap<>();
    private final ServiceObjects objects =
            new ServiceObjects() {
                @Override
                public Set<String> keys() {
                    return services.keySet();
                }

                @Override
                public @Nullable Service service(String key) {
                    return services.get(key);
                }

                @Override
                public List<EndpointSlice> slices(String key) {
                    return List.of();
                }

                @Override
                public NodeView node() {
                    return new NodeView("node-1", "");
                }
            };

    private ServiceProxy proxy(FakeRuleApplier applier) {
        return new ServiceProxy(
                List.of("127.0.0.1"),
                applier,
                objects,
                new HealthCheckPorts(NetworkNamespace.host(), List.of("127.0.0.1")),
                new ProxyMetrics(InstantSource.fixed(Instant.parse("2026-01-02T03:04:05Z"))));
    }

    private void put(ServiceProxy proxy, String name, int port) {
        services.put("default/" + name, service(name, port));
        proxy.serviceChanged("default/" + name);
    }

    @Test
    void appliesWhatHasChangedAndNothingElse() throws Exception {
        FakeRuleApplier applier = new FakeRuleApplier(0);
        services.put("default/one", service("one", 80));
        try (ServiceProxy proxy = proxy(applier)) {
            assertThat(proxy.isSynced()).isFalse();
            proxy.start();
            assertThat(next(applier).wanted()).hasSize(1);
            put(proxy, "two", 80);
            assertThat(next(applier).wanted())
                    .singleElement()
                    .satisfies(rule -> assertThat(rule.name()).isEqualTo("default/two:80/tcp"));
            proxy.serviceChanged("default/one");
            put(proxy, "two", 81);
            RuleSet.Change renamed = next(applier);
            assertThat(renamed.wanted()).hasSize(1);
            assertThat(renamed.gone()).containsExactly("default/two:80/tcp");
            services.remove("default/two");
            proxy.serviceChanged("default/two");
            assertThat(next(applier).gone()).containsExactly("default/two:81/tcp");
            assertThat(proxy.isSynced()).isTrue();
        }
    }

    @Test
    void triesAgainWhatCouldNotBeApplied() throws Exception {
        FakeRuleApplier applier = new FakeRuleApplier(1);
        services.put("default/one", service("one", 80));
        try (ServiceProxy proxy = proxy(applier)) {
            proxy.start();
            assertThat(next(applier).wanted()).hasSize(1);
            assertThat(new String(proxy.metrics().text(), StandardCharsets.UTF_8))
                    .contains("kubeproxy_sync_proxy_rules_nftables_sync_failures_total 1.0");
        }
    }

    private static RuleSet.Change next(FakeRuleApplier applier) throws InterruptedException {
        RuleSet.Change change = applier.applied.poll(5, TimeUnit.SECONDS);
        assertThat(change).isNotNull();
        return Objects.requireNonNull(change);
    }

    private static Service service(String name, int port) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withClusterIP("10.96.0.7")
                .addNewPort()
                .withPort(port)
                .endPort()
                .endSpec()
                .build();
    }
}

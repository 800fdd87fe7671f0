package dev.coracle.nodeagent.serviceproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ServiceProxyTest {

    private volatile List<Service> services = List.of();

    @Test
    void appliesEachChangeAndNothingTwice() throws Exception {
        FakeRuleApplier applier = new FakeRuleApplier(0);
        try (ServiceProxy proxy = new ServiceProxy("node-1", applier, () -> services, List::of)) {
            assertThat(proxy.isSynced()).isFalse();
            proxy.start();
            assertThat(next(applier).rules()).isEmpty();
            services = List.of(service("web", 80));
            proxy.changed();
            assertThat(next(applier).rules()).hasSize(1);
            proxy.changed();
            services = List.of(service("web", 81));
            proxy.changed();
            assertThat(next(applier).rules().getFirst().port()).isEqualTo(81);
            assertThat(proxy.isSynced()).isTrue();
        }
    }

    @Test
    void triesAgainWhatCouldNotBeApplied() throws Exception {
        FakeRuleApplier applier = new FakeRuleApplier(1);
        try (ServiceProxy proxy = new ServiceProxy("node-1", applier, () -> services, List::of)) {
            proxy.start();
            assertThat(next(applier).rules()).isEmpty();
        }
    }

    private static RuleSet next(FakeRuleApplier applier) throws InterruptedException {
        RuleSet rules = applier.applied.poll(5, TimeUnit.SECONDS);
        assertThat(rules).isNotNull();
        return java.util.Objects.requireNonNull(rules);
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

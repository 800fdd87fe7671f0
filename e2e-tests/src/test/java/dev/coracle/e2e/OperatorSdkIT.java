package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.junit.LocallyRunOperatorExtension;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * An operator on the Java Operator SDK: its custom resource, its finalizer, its dependent made by
 * server-side apply, its status, and its own informers.
 */
class OperatorSdkIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final WebsiteReconciler RECONCILER = new WebsiteReconciler();

    @RegisterExtension
    final LocallyRunOperatorExtension operator =
            LocallyRunOperatorExtension.builder()
                    .withKubernetesClient(
                            new KubernetesClientBuilder()
                                    .withConfig(
                                            Config.fromKubeconfig(
                                                    ApiServer.shared().kubeconfigText()))
                                    .build())
                    .withAdditionalCRD("src/test/resources/operator/websites.yaml")
                    .withReconciler(RECONCILER)
                    .build();

    @Test
    void reconcilesFollowsItsDependentAndCleansUp() {
        operator.create(website("<h1>one</h1>"));
        Await.until(PATIENCE, () -> assertThat(page()).isEqualTo("<h1>one</h1>"));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(operator.get(Website.class, "home").getStatus())
                                .isEqualTo(new Website.Status("home", 1L)));

        // someone edits what the operator owns: it is put right
        ConfigMap edited = operator.get(ConfigMap.class, "home");
        operator.replace(new ConfigMapBuilder(edited).withData(Map.of("html", "hacked")).build());
        Await.until(PATIENCE, () -> assertThat(page()).isEqualTo("<h1>one</h1>"));

        operator.replace(website("<h1>two</h1>"));
        Await.until(PATIENCE, () -> assertThat(page()).isEqualTo("<h1>two</h1>"));
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        operator.get(Website.class, "home")
                                                .getStatus()
                                                .observedGeneration())
                                .isEqualTo(2));

        operator.delete(operator.get(Website.class, "home"));
        Await.until(PATIENCE, () -> assertThat(operator.get(Website.class, "home")).isNull());
        assertThat(RECONCILER.cleaned).contains("home");
    }

    private String page() {
        ConfigMap map = operator.get(ConfigMap.class, "home");
        return map == null ? "" : map.getData().getOrDefault("html", "");
    }

    private static Website website(String html) {
        Website website = new Website();
        website.setMetadata(new ObjectMetaBuilder().withName("home").build());
        website.setSpec(new Website.Spec(html));
        return website;
    }

    /** Makes a ConfigMap of each website. */
    @ControllerConfiguration
    static final class WebsiteReconciler implements Reconciler<Website>, Cleaner<Website> {

        final Set<String> cleaned = ConcurrentHashMap.newKeySet();

        @Override
        public List<EventSource<?, Website>> prepareEventSources(
                EventSourceContext<Website> context) {
            return List.of(
                    new InformerEventSource<>(
                            InformerEventSourceConfiguration.from(ConfigMap.class, Website.class)
                                    .build(),
                            context));
        }

        @Override
        public UpdateControl<Website> reconcile(Website website, Context<Website> context) {
            String name = website.getMetadata().getName();
            context.getClient()
                    .resource(
                            new ConfigMapBuilder()
                                    .withNewMetadata()
                                    .withName(name)
                                    .withNamespace(website.getMetadata().getNamespace())
                                    .addNewOwnerReference()
                                    .withApiVersion(website.getApiVersion())
                                    .withKind(website.getKind())
                                    .withName(name)
                                    .withUid(website.getMetadata().getUid())
                                    .withController(true)
                                    .endOwnerReference()
                                    .endMetadata()
                                    .withData(Map.of("html", website.getSpec().html()))
                                    .build())
                    .fieldManager("website-operator")
                    .forceConflicts()
                    .serverSideApply();
            website.setStatus(new Website.Status(name, website.getMetadata().getGeneration()));
            return UpdateControl.patchStatus(website);
        }

        @Override
        public DeleteControl cleanup(Website website, Context<Website> context) {
            cleaned.add(website.getMetadata().getName());
            return DeleteControl.defaultDelete();
        }
    }
}

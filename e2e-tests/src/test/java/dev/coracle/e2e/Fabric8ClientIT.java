package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** fabric8's client as it comes: its watches are WebSockets, its edits JSON patches. */
class Fabric8ClientIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ApiServer server = ApiServer.shared();
    private final KubernetesClient client = client(server);
    private String namespace = "";

    @BeforeEach
    void makeANamespace() {
        namespace = server.newNamespace("fabric8");
    }

    @AfterEach
    void close() {
        client.close();
    }

    private static KubernetesClient client(ApiServer server) {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(server.kubeconfigText()))
                .build();
    }

    @Test
    void createsReadsEditsAndDeletes() {
        client.resource(configMap("a", "1")).create();
        ConfigMap edited =
                client.configMaps()
                        .inNamespace(namespace)
                        .withName("a")
                        .edit(map -> new ConfigMapBuilder(map).addToData("k", "2").build());
        List<StatusDetails> deleted =
                client.configMaps().inNamespace(namespace).withName("a").delete();

        assertThat(edited.getData()).containsEntry("k", "2");
        assertThat(deleted).hasSize(1);
        assertThat(client.configMaps().inNamespace(namespace).withName("a").get()).isNull();
    }

    @Test
    void isToldOfAConflict() {
        ConfigMap old = client.resource(configMap("a", "1")).create();
        client.resource(configMap("a", "2")).update();

        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() ->
                        client.resource(new ConfigMapBuilder(old).addToData("k", "3").build())
                                .update())
                .satisfies(e -> {
                    assertThat(e.getCode()).isEqualTo(409);
                    assertThat(e.getStatus().getReason()).isEqualTo("Conflict");
                });
    }

    @Test
    void patchesInEveryWay() {
        client.resource(deployment()).create();
        var deployments = client.apps().deployments().inNamespace(namespace).withName("web");
        deployments.patch(
                PatchContext.of(PatchType.STRATEGIC_MERGE),
                "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"x:2\"}]}}}}");
        deployments.patch(
                PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
        Deployment patched =
                deployments.patch(
                        PatchContext.of(PatchType.JSON),
                        "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":5}]");

        assertThat(patched.getSpec().getReplicas()).isEqualTo(5);
        assertThat(patched.getMetadata().getLabels()).containsEntry("a", "b");
        assertThat(patched.getSpec().getTemplate().getSpec().getContainers())
                .singleElement()
                .satisfies(c -> assertThat(c.getImage()).isEqualTo("x:2"))
                .satisfies(c -> assertThat(c.getPorts()).hasSize(1));
    }

    @Test
    void scales() {
        client.resource(deployment()).create();
        client.apps().deployments().inNamespace(namespace).withName("web").scale(0);

        assertThat(
                        client.apps()
                                .deployments()
                                .inNamespace(namespace)
                                .withName("web")
                                .get()
                                .getSpec()
                                .getReplicas())
                .isZero();
    }

    @Test
    void appliesOnTheServer() {
        client.resource(configMap("a", "1")).fieldManager("one").serverSideApply();
        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() ->
                        client.resource(configMap("a", "2")).fieldManager("two").serverSideApply())
                .withMessageContaining(
                        "Apply failed with 1 conflict: conflict with \"one\": .data.k");
        ConfigMap forced =
                client.resource(configMap("a", "2"))
                        .fieldManager("two")
                        .forceConflicts()
                        .serverSideApply();

        assertThat(forced.getData()).containsEntry("k", "2");
        assertThat(forced.getMetadata().getManagedFields())
                .singleElement()
                .satisfies(entry -> assertThat(entry.getManager()).isEqualTo("two"));
    }

    @Test
    void listsInPages() {
        for (int i = 0; i < 5; i++) {
            client.resource(configMap("page-" + i, "1")).create();
        }
        var all = client.configMaps().inNamespace(namespace);
        var first = all.list(new ListOptionsBuilder().withLimit(4L).build());
        client.resource(configMap("page-9", "1")).create();
        var second =
                all.list(
                        new ListOptionsBuilder()
                                .withLimit(4L)
                                .withContinue(first.getMetadata().getContinue())
                                .build());

        assertThat(first.getItems()).hasSize(4);
        assertThat(first.getMetadata().getRemainingItemCount()).isEqualTo(2);
        assertThat(second.getItems())
                .extracting(map -> map.getMetadata().getName())
                .containsExactly("page-3", "page-4");
    }

    @Test
    void watchesAndSeesObjectsEnterAndLeaveASelection() {
        Queue<String> events = new ConcurrentLinkedQueue<>();
        try (Watch _ =
                client.configMaps()
                        .inNamespace(namespace)
                        .withLabel("on", "yes")
                        .watch(new Recorder(events))) {
            client.resource(configMap("a", "1")).create();
            label("a", "yes");
            label("a", "no");
            Await.until(
                    PATIENCE,
                    () -> assertThat(events).containsExactly("ADDED a yes", "DELETED a yes"));
        }
    }

    @Test
    void keepsInformersOverARestartOfTheServer() {
        ApiServer own = ApiServer.start();
        try (KubernetesClient informing = client(own)) {
            Set<String> seen = ConcurrentHashMap.newKeySet();
            SharedIndexInformer<ConfigMap> informer =
                    informing.configMaps().inNamespace("default").inform(new Seen(seen));
            own.kubectl("create", "configmap", "before").orFail();
            Await.until(PATIENCE, () -> assertThat(seen).contains("before"));

            own.crashAndRestart();
            own.kubectl("create", "configmap", "after").orFail();

            Await.until(PATIENCE, () -> assertThat(seen).contains("after"));
            assertThat(informer.getStore().list())
                    .extracting(map -> map.getMetadata().getName())
                    .contains("before", "after");
        } finally {
            own.stop();
        }
    }

    @Test
    void electsOneLeaderAndThenTheNext() throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> second = new CompletableFuture<>();
        CompletableFuture<?> one = elector("one", first).start();
        assertThat(first.get(30, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo("one");
        CompletableFuture<?> two = elector("two", second).start();
        assertThat(second).isNotDone();
        one.cancel(true);

        assertThat(second.get(60, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo("two");
        two.cancel(true);
        assertThat(
                        client.leases()
                                .inNamespace(namespace)
                                .withName("lock")
                                .get()
                                .getSpec()
                                .getLeaseTransitions())
                .isPositive();
    }

    private LeaderElector elector(String identity, CompletableFuture<String> leads) {
        return client.leaderElector()
                .withConfig(
                        new LeaderElectionConfigBuilder()
                                .withName("test")
                                .withLeaseDuration(Duration.ofSeconds(6))
                                .withRenewDeadline(Duration.ofSeconds(4))
                                .withRetryPeriod(Duration.ofSeconds(1))
                                .withReleaseOnCancel(true)
                                .withLock(new LeaseLock(namespace, "lock", identity))
                                .withLeaderCallbacks(
                                        new LeaderCallbacks(
                                                () -> leads.complete(identity), () -> {}, _ -> {}))
                                .build())
                .build();
    }

    private void label(String name, String on) {
        client.configMaps()
                .inNamespace(namespace)
                .withName(name)
                .edit(map ->
                        new ConfigMapBuilder(map)
                                .editMetadata()
                                .addToLabels("on", on)
                                .endMetadata()
                                .build());
    }

    private ConfigMap configMap(String name, String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withData(Map.of("k", value))
                .build();
    }

    private Deployment deployment() {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withReplicas(1)
                .withNewSelector()
                .addToMatchLabels("app", "web")
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", "web")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("x:1")
                .addNewPort()
                .withContainerPort(80)
                .endPort()
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private record Recorder(Queue<String> events) implements Watcher<ConfigMap> {
        @Override
        public void eventReceived(Action action, ConfigMap map) {
            events.add(
                    action
                            + " "
                            + map.getMetadata().getName()
                            + " "
                            + map.getMetadata().getLabels().get("on"));
        }

        @Override
        public void onClose(@Nullable WatcherException cause) {}
    }

    private record Seen(Set<String> names) implements ResourceEventHandler<ConfigMap> {
        @Override
        public void onAdd(ConfigMap map) {
            names.add(map.getMetadata().getName());
        }

        @Override
        public void onUpdate(ConfigMap old, ConfigMap map) {}

        @Override
        public void onDelete(ConfigMap map, boolean unknown) {}
    }
}

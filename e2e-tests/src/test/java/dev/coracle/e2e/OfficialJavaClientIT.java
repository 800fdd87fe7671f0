package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.reflect.TypeToken;
import io.kubernetes.client.Discovery;
import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.informer.SharedIndexInformer;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.apis.AppsV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.VersionApi;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.util.CallGeneratorParams;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import io.kubernetes.client.util.PatchUtils;
import io.kubernetes.client.util.Watch;
import io.kubernetes.client.util.Yaml;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The official Java client, whose models refuse an unknown field and miss a required one. */
// every field of its models may be null to the checker; the tests say which are not
@SuppressWarnings("NullAway")
class OfficialJavaClientIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ApiServer server = ApiServer.shared();
    private final ApiClient client = client();
    private final CoreV1Api core = new CoreV1Api(client);
    private final AppsV1Api apps = new AppsV1Api(client);
    private String namespace = "";

    @BeforeEach
    void makeANamespace() {
        namespace = server.newNamespace("official");
    }

    private ApiClient client() {
        try {
            KubeConfig config =
                    KubeConfig.loadKubeConfig(new StringReader(server.kubeconfigText()));
            ApiClient built = ClientBuilder.kubeconfig(config).build();
            built.setReadTimeout(0);
            return built;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void createsReadsReplacesAndDeletes() throws ApiException {
        V1ConfigMap created = core.createNamespacedConfigMap(namespace, configMap("a")).execute();
        created.putDataItem("k", "2");
        V1ConfigMap replaced = core.replaceNamespacedConfigMap("a", namespace, created).execute();
        core.deleteNamespacedConfigMap("a", namespace).execute();

        assertThat(replaced.getData()).containsEntry("k", "2");
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(() -> core.readNamespacedConfigMap("a", namespace).execute())
                .matches(e -> e.getCode() == 404);
    }

    @Test
    void patchesInEveryWay() throws ApiException {
        apps.createNamespacedDeployment(namespace, deployment()).execute();
        patch(V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH, "{\"spec\":{\"replicas\":0}}");
        patch(
                V1Patch.PATCH_FORMAT_JSON_PATCH,
                "[{\"op\":\"add\",\"path\":\"/metadata/labels/a\",\"value\":\"b\"}]");
        V1Deployment patched =
                patch(
                        V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH,
                        "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"d\",\"image\":\"y\"}]}}}}");

        assertThat(patched.getSpec().getTemplate().getSpec().getContainers()).hasSize(2);
        assertThat(patched.getMetadata().getLabels()).containsEntry("a", "b");
        assertThat(patched.getSpec().getReplicas()).isZero();
    }

    @Test
    void appliesOnTheServer() throws ApiException {
        String yaml = Yaml.dump(deployment());
        var _ =
                PatchUtils.patch(
                        V1Deployment.class,
                        () ->
                                apps.patchNamespacedDeployment("web", namespace, new V1Patch(yaml))
                                        .fieldManager("official")
                                        .force(true)
                                        .buildCall(null),
                        V1Patch.PATCH_FORMAT_APPLY_YAML,
                        client);

        // the client drops managedFields when it reads
        assertThat(
                        server.kubectl(
                                        "-n",
                                        namespace,
                                        "get",
                                        "deployment/web",
                                        "-o",
                                        "jsonpath={.metadata.managedFields[0].manager}"
                                                + " {.metadata.managedFields[0].operation}")
                                .orFail())
                .isEqualTo("official Apply");
    }

    @Test
    void watchesOverHttp() throws ApiException, IOException {
        String version =
                core.listNamespacedConfigMap(namespace)
                        .execute()
                        .getMetadata()
                        .getResourceVersion();
        try (Watch<V1ConfigMap> watch =
                Watch.createWatch(
                        client,
                        core.listNamespacedConfigMap(namespace)
                                .watch(true)
                                .resourceVersion(version)
                                .timeoutSeconds(30)
                                .buildCall(null),
                        new TypeToken<Watch.Response<V1ConfigMap>>() {}.getType())) {
            core.createNamespacedConfigMap(namespace, configMap("a")).execute();
            Watch.Response<V1ConfigMap> event = watch.next();

            assertThat(event.type).isEqualTo("ADDED");
            assertThat(event.object.getMetadata().getName()).isEqualTo("a");
        }
    }

    @Test
    void keepsAnInformer() throws ApiException {
        SharedInformerFactory factory = new SharedInformerFactory(client);
        SharedIndexInformer<V1ConfigMap> informer =
                factory.sharedIndexInformerFor(
                        (CallGeneratorParams params) ->
                                core.listNamespacedConfigMap(namespace)
                                        .resourceVersion(params.resourceVersion)
                                        .timeoutSeconds(params.timeoutSeconds)
                                        .watch(params.watch)
                                        .buildCall(null),
                        V1ConfigMap.class,
                        V1ConfigMapList.class);
        factory.startAllRegisteredInformers();
        try {
            Await.until(PATIENCE, () -> assertThat(informer.hasSynced()).isTrue());
            core.createNamespacedConfigMap(namespace, configMap("late")).execute();
            Await.until(
                    PATIENCE,
                    () ->
                            assertThat(informer.getIndexer().list())
                                    .extracting(map -> map.getMetadata().getName())
                                    .contains("late"));
        } finally {
            factory.stopAllRegisteredInformers();
        }
    }

    @Test
    void readsTheVersionAndDiscovery() throws ApiException {
        Set<String> resources =
                new Discovery(client)
                        .findAll().stream()
                                .map(resource ->
                                        resource.getResourcePlural() + "." + resource.getGroup())
                                .collect(Collectors.toSet());

        assertThat(new VersionApi(client).getCode().execute().getMinor()).isEqualTo("33");
        assertThat(resources)
                .contains("pods.", "deployments.apps", "jobs.batch", "leases.coordination.k8s.io");
    }

    @Test
    void readsEveryListOfACluster() throws ApiException {
        assertThat(core.listNamespace().execute().getItems()).isNotEmpty();
        assertThat(core.listServiceForAllNamespaces().execute().getItems()).isNotEmpty();
        assertThat(core.listServiceAccountForAllNamespaces().execute().getItems()).isNotEmpty();
        assertThat(core.listEventForAllNamespaces().execute().getItems()).isNotNull();
    }

    private V1Deployment patch(String format, String body) throws ApiException {
        return PatchUtils.patch(
                V1Deployment.class,
                () ->
                        apps.patchNamespacedDeployment("web", namespace, new V1Patch(body))
                                .buildCall(null),
                format,
                client);
    }

    private V1ConfigMap configMap(String name) {
        return new V1ConfigMap().metadata(new V1ObjectMeta().name(name)).data(Map.of("k", "1"));
    }

    private V1Deployment deployment() {
        return JSON.deserialize(
                """
                {"apiVersion": "apps/v1", "kind": "Deployment",
                 "metadata": {"name": "web", "labels": {"app": "web"}},
                 "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}},
                   "template": {"metadata": {"labels": {"app": "web"}},
                     "spec": {"containers": [{"name": "c", "image": "x"}]}}}}
                """,
                V1Deployment.class);
    }
}

package dev.coracle.apiserver.managedfields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.coracle.apiserver.managedfields.FieldOwnership.Kind;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.status.ApiException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class FieldOwnershipTest {

    private static final SchemaCatalog CATALOG = SchemaCatalog.load();
    private static final FieldOwnership OWNERSHIP = new FieldOwnership(CATALOG);
    private static final Kind CONFIG_MAP = kind("io.k8s.api.core.v1.ConfigMap");
    private static final Kind DEPLOYMENT = kind("io.k8s.api.apps.v1.Deployment");
    private static final Kind SERVICE = kind("io.k8s.api.core.v1.Service");
    private static final String T1 = "2026-01-01T00:00:00Z";
    private static final String T2 = "2026-01-02T00:00:00Z";

    private static final String DEPLOYED =
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, labels: {app: web}}
            spec:
              replicas: 3
              template:
                spec:
                  containers:
                  - name: one
                    image: a:1
                    ports: [{containerPort: 80}]
                  - {name: two, image: b:1}
            """;

    @Nested
    class OnUpdate {

        @Test
        void givesTheCreatorWhatItSet() {
            ApiObject created = object(DEPLOYED);
            OWNERSHIP.update(null, created, DEPLOYMENT, writer("kubectl-create"), T1);

            assertThat(owners(created))
                    .containsExactly(
                            "kubectl-create Update "
                                    + "{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:app\":{}}},"
                                    + "\"f:spec\":{\"f:replicas\":{},\"f:template\":{\"f:spec\":{\"f:containers\":{"
                                    + "\"k:{\\\"name\\\":\\\"one\\\"}\":{\".\":{},\"f:image\":{},\"f:name\":{},"
                                    + "\"f:ports\":{\".\":{},\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":"
                                    + "{\".\":{},\"f:containerPort\":{}}}},"
                                    + "\"k:{\\\"name\\\":\\\"two\\\"}\":{\".\":{},\"f:image\":{},\"f:name\":{}}}}}}}");
        }

        @Test
        void movesAChangedFieldToTheWriter() {
            ApiObject live = created(CONFIG_MAP, "data: {a: '1', b: '2'}", "first");
            ApiObject updated = live.copy();
            ((ObjectNode) updated.at("data")).put("a", "9");
            OWNERSHIP.update(live, updated, CONFIG_MAP, writer("second"), T2);

            assertThat(owners(updated))
                    .containsExactly(
                            "first Update {\"f:data\":{\".\":{},\"f:b\":{}}}",
                            "second Update {\"f:data\":{\"f:a\":{}}}");
        }

        @Test
        void forgetsRemovedFields() {
            ApiObject live = created(CONFIG_MAP, "data: {a: '1', b: '2'}", "first");
            ApiObject updated = live.copy();
            ((ObjectNode) updated.at("data")).remove("a");
            OWNERSHIP.update(live, updated, CONFIG_MAP, writer("second"), T2);

            assertThat(owners(updated))
                    .containsExactly("first Update {\"f:data\":{\".\":{},\"f:b\":{}}}");
        }

        @Test
        void keepsTheTimeOfAnUpdateThatChangesNothing() {
            ApiObject live = created(CONFIG_MAP, "data: {a: '1'}", "first");
            ApiObject updated = live.copy();
            OWNERSHIP.update(live, updated, CONFIG_MAP, writer("first"), T2);

            assertThat(updated.tree()).isEqualTo(live.tree());
        }

        @Test
        void isResetByOneEmptyEntryAndStaysSo() {
            ApiObject live = created(CONFIG_MAP, "data: {a: '1'}", "first");
            ApiObject updated = live.copy();
            updated.metadata().putArray("managedFields").addObject();
            OWNERSHIP.update(live, updated, CONFIG_MAP, writer("first"), T2);
            ApiObject later = updated.copy();
            ((ObjectNode) later.at("data")).put("a", "2");
            OWNERSHIP.update(updated, later, CONFIG_MAP, writer("first"), T2);

            assertThat(owners(updated)).isEmpty();
            assertThat(owners(later)).isEmpty();
        }

        @Test
        void putsTheOldestUpdatersTogether() {
            ApiObject object = created(CONFIG_MAP, "data: {k0: ''}", "m0");
            for (int i = 1; i < 13; i++) {
                ApiObject updated = object.copy();
                ((ObjectNode) updated.at("data")).put("k" + i, "");
                OWNERSHIP.update(
                        object,
                        updated,
                        CONFIG_MAP,
                        writer("m" + i),
                        "2026-02-%02dT00:00:00Z".formatted(i));
                object = updated;
            }

            assertThat(owners(object)).hasSize(11);
            assertThat(owners(object))
                    .anyMatch(owner ->
                            owner.startsWith("ancient-changes Update")
                                    && owner.contains("f:k0")
                                    && owner.contains("f:k2"));
        }
    }

    @Nested
    class OnApply {

        @Test
        void createsWithTheFieldsOfTheConfiguration() {
            ApiObject created = apply(null, DEPLOYMENT, DEPLOYED, "one", false);

            assertThat(owners(created).getFirst())
                    .startsWith("one Apply {\"f:metadata\":{\"f:labels\":{\"f:app\":{}}}")
                    .contains(
                            "\"k:{\\\"name\\\":\\\"two\\\"}\":{\".\":{},\"f:image\":{},\"f:name\":{}}");
        }

        @Test
        void mergesItemsByKeyAndKeepsThoseOfOthers() {
            ApiObject live = apply(null, DEPLOYMENT, DEPLOYED, "one", false);
            ApiObject merged =
                    apply(
                            live,
                            DEPLOYMENT,
                            """
                            apiVersion: apps/v1
                            kind: Deployment
                            metadata: {name: web}
                            spec: {template: {spec: {containers: [{name: three, image: c}]}}}
                            """,
                            "other",
                            false);

            assertThat(Json.objects(merged.at("spec.template.spec.containers")))
                    .extracting(container -> Json.text(container, "name"))
                    .containsExactly("three", "one", "two");
        }

        @Test
        void removesWhatTheApplierGivesUp() {
            ApiObject live = apply(null, DEPLOYMENT, DEPLOYED, "one", false);
            ApiObject merged =
                    apply(
                            live,
                            DEPLOYMENT,
                            """
                            apiVersion: apps/v1
                            kind: Deployment
                            metadata: {name: web}
                            spec: {template: {spec: {containers: [{name: one, image: 'a:2'}]}}}
                            """,
                            "one",
                            false);

            assertThat(merged.at("spec.replicas").isMissingNode()).isTrue();
            assertThat(merged.at("metadata.labels").isMissingNode()).isTrue();
            assertThat(merged.at("spec.template.spec.containers").toString())
                    .isEqualTo("[{\"name\":\"one\",\"image\":\"a:2\"}]");
        }

        @Test
        void keepsWhatTheApplierGivesUpAndAnotherOwns() {
            ApiObject live =
                    apply(null, CONFIG_MAP, configMap("data: {a: '1', b: '1'}"), "x", false);
            live = apply(live, CONFIG_MAP, configMap("data: {a: '1'}"), "y", false);
            ApiObject merged = apply(live, CONFIG_MAP, configMap("data: {}"), "x", false);

            assertThat(merged.at("data").toString()).isEqualTo("{\"a\":\"1\"}");
        }

        @Test
        void refusesToTakeWhatAnotherOwns() {
            ApiObject live = created(CONFIG_MAP, "data: {a: '1'}", "kubectl-edit");

            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(
                            () -> apply(live, CONFIG_MAP, configMap("data: {a: '2'}"), "x", false))
                    .withMessage(
                            "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using v1: .data.a")
                    .matches(e -> e.code() == 409)
                    .satisfies(e ->
                            assertThat(e.toStatus().at("/details/causes/0").toString())
                                    .isEqualTo(
                                            "{\"reason\":\"FieldManagerConflict\",\"message\":\"conflict with"
                                                    + " \\\"kubectl-edit\\\" using v1\",\"field\":\".data.a\"}"));
        }

        @Test
        void namesEveryConflict() {
            ApiObject live = apply(null, DEPLOYMENT, DEPLOYED, "one", false);
            String wanted = DEPLOYED.replace("a:1", "a:2").replace("replicas: 3", "replicas: 4");

            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() -> apply(live, DEPLOYMENT, wanted, "two", false))
                    .withMessage(
                            """
                            Apply failed with 2 conflicts: conflicts with "one":
                            - .spec.replicas
                            - .spec.template.spec.containers[name="one"].image\
                            """);
        }

        @Test
        void takesByForce() {
            ApiObject live = created(CONFIG_MAP, "data: {a: '1', b: '1'}", "kubectl-edit");
            ApiObject merged = apply(live, CONFIG_MAP, configMap("data: {a: '2'}"), "x", true);

            assertThat(merged.text("data.a")).isEqualTo("2");
            assertThat(owners(merged))
                    .containsExactly(
                            "x Apply {\"f:data\":{\"f:a\":{}}}",
                            "kubectl-edit Update {\"f:data\":{\".\":{},\"f:b\":{}}}");
        }

        @Test
        void sharesWhatIsEqual() {
            ApiObject live = apply(null, CONFIG_MAP, configMap("data: {a: '1'}"), "x", false);
            ApiObject merged = apply(live, CONFIG_MAP, configMap("data: {a: '1'}"), "y", false);

            assertThat(owners(merged))
                    .containsExactly(
                            "x Apply {\"f:data\":{\"f:a\":{}}}",
                            "y Apply {\"f:data\":{\"f:a\":{}}}");
        }

        @Test
        void changesNothingWhenAppliedAgain() {
            ApiObject live = apply(null, DEPLOYMENT, DEPLOYED, "one", false);
            ApiObject again =
                    OWNERSHIP.apply(
                            live.copy(), object(DEPLOYED), DEPLOYMENT, writer("one"), false, T2);

            assertThat(Json.same(again.tree(), live.tree())).isTrue();
        }

        @Test
        void fillsInTheKeyThatHasADefault() {
            ApiObject live =
                    created(
                            SERVICE,
                            "spec: {ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}",
                            "first");
            ApiObject merged =
                    apply(
                            live,
                            SERVICE,
                            """
                            apiVersion: v1
                            kind: Service
                            metadata: {name: it}
                            spec: {ports: [{port: 53, name: dns}]}
                            """,
                            "x",
                            false);

            assertThat(merged.at("spec.ports").toString())
                    .isEqualTo(
                            "[{\"port\":53,\"protocol\":\"UDP\"},"
                                    + "{\"port\":53,\"protocol\":\"TCP\",\"name\":\"dns\"}]");
        }

        @Test
        void refusesTwoItemsOfOneKey() {
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() ->
                            apply(
                                    null,
                                    DEPLOYMENT,
                                    DEPLOYED.replace("name: two", "name: one"),
                                    "x",
                                    false))
                    .withMessageContaining(
                            ".spec.template.spec.containers: duplicate entries for key [name=\"one\"]")
                    .matches(e -> e.code() == 400);
        }

        @Test
        void refusesAConfigurationWithOwners() {
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() ->
                            apply(
                                    null,
                                    CONFIG_MAP,
                                    configMap("metadata: {name: it, managedFields: [{}]}"),
                                    "x",
                                    false))
                    .withMessage("metadata.managedFields must be nil");
        }

        @Test
        void givesWhatWasThereToNobodyInParticular() {
            ApiObject live = object(configMap("data: {a: '1'}"));
            ApiObject merged = apply(live, CONFIG_MAP, configMap("data: {b: '2'}"), "x", false);

            assertThat(owners(merged))
                    .containsExactly(
                            "x Apply {\"f:data\":{\"f:b\":{}}}",
                            "before-first-apply Update {\"f:data\":{\".\":{},\"f:a\":{}}}");
        }

        @Test
        void takesOverWhatKubectlAppliedFromTheClient() {
            ApiObject live =
                    created(
                            CONFIG_MAP,
                            """
                            metadata:
                              name: it
                              annotations:
                                kubectl.kubernetes.io/last-applied-configuration: '{"data":{"a":"1"}}'
                            data: {a: '1'}
                            """,
                            "kubectl-client-side-apply");
            ApiObject merged =
                    apply(live, CONFIG_MAP, configMap("data: {a: '2'}"), "kubectl", false);

            assertThat(merged.text("data.a")).isEqualTo("2");
            assertThat(merged.annotations().values().toString()).contains("\"a\":\"2\"");
            assertThatExceptionOfType(ApiException.class)
                    .isThrownBy(() ->
                            apply(live, CONFIG_MAP, configMap("data: {a: '2'}"), "else", false));
        }
    }

    private static Kind kind(String definition) {
        return new Kind(CATALOG.struct(definition), true, List.of("status"));
    }

    private static Writer writer(String manager) {
        return new Writer(manager, "v1", "");
    }

    private static String configMap(String yaml) {
        return "apiVersion: v1\nkind: ConfigMap\n" + yaml;
    }

    private static ApiObject object(String yaml) {
        return new ApiObject(
                (ObjectNode) Json.MAPPER.readTree(new YAMLMapper().readTree(yaml).toString()));
    }

    private static ApiObject created(Kind kind, String yaml, String manager) {
        ApiObject created = object(yaml);
        OWNERSHIP.update(null, created, kind, writer(manager), T1);
        return created;
    }

    private static ApiObject apply(
            @Nullable ApiObject live, Kind kind, String yaml, String manager, boolean force) {
        return OWNERSHIP.apply(
                live == null ? null : live.copy(), object(yaml), kind, writer(manager), force, T1);
    }

    /** Manager, operation and fields of each entry. */
    private static List<String> owners(ApiObject object) {
        return Json.objects(object.at("metadata.managedFields")).stream()
                .map(entry ->
                        Json.text(entry, "manager")
                                + " "
                                + Json.text(entry, "operation")
                                + " "
                                + entry.path("fieldsV1"))
                .toList();
    }
}

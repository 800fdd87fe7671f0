package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.pod.PodTemplates;
import dev.coracle.apiserver.registry.core.pod.TemplateColumns;
import dev.coracle.apiserver.registry.core.volume.PersistentVolumeClaims;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** StatefulSets. */
public final class StatefulSets {

    private static final List<String> MUTABLE =
            List.of(
                    "replicas",
                    "ordinals",
                    "template",
                    "updateStrategy",
                    "revisionHistoryLimit",
                    "persistentVolumeClaimRetentionPolicy",
                    "minReadySeconds");

    private StatefulSets() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "apps",
                                        "v1",
                                        "StatefulSet",
                                        "statefulsets",
                                        "io.k8s.api.apps.v1.StatefulSet")
                                .withShortNames("sts")
                                .inCategory("all")
                                .with(Subresource.STATUS, Subresource.SCALE))
                .printedBy(
                        TemplateColumns.wide(
                                Columns.named()
                                        .text(
                                                "Ready",
                                                object ->
                                                        object.at("status.readyReplicas").asInt(0)
                                                                + "/"
                                                                + object.at("spec.replicas")
                                                                        .asInt(0))
                                        .age(),
                                "spec.template"))
                .defaults(StatefulSets::defaults)
                .onCreate(object -> object.status().put("replicas", 0).put("availableReplicas", 0))
                .withGeneration()
                .rules(object -> rules(object.in("spec")))
                .statusRules(status ->
                        status.counts(
                                "replicas",
                                "readyReplicas",
                                "currentReplicas",
                                "updatedReplicas",
                                "availableReplicas"))
                .updateRule(StatefulSets::onUpdate)
                .build();
    }

    private static void defaults(ApiObject object) {
        ObjectNode spec = object.spec();
        Json.setDefault(spec, "podManagementPolicy", "OrderedReady");
        if (!spec.has("serviceName")) {
            spec.put("serviceName", "");
        }
        ObjectNode strategy = Json.object(spec, "updateStrategy");
        Json.setDefault(strategy, "type", "RollingUpdate");
        if (Json.text(strategy, "type").equals("RollingUpdate")) {
            Json.setDefault(Json.object(strategy, "rollingUpdate"), "partition", 0);
        }
        ObjectNode retention = Json.object(spec, "persistentVolumeClaimRetentionPolicy");
        Json.setDefault(retention, "whenDeleted", "Retain");
        Json.setDefault(retention, "whenScaled", "Retain");
        Json.setDefault(spec, "replicas", 1);
        Json.setDefault(spec, "revisionHistoryLimit", 10);
        PodTemplates.applyDefaults(spec.path("template"));
        for (ObjectNode claim : Json.objects(spec.path("volumeClaimTemplates"))) {
            claim.put("kind", "PersistentVolumeClaim").put("apiVersion", "v1");
            PersistentVolumeClaims.applyDefaults(new ApiObject(claim));
            Json.setDefault(Json.object(claim, "status"), "phase", "Pending");
        }
    }

    private static void rules(Check spec) {
        WorkloadRules.check(spec, "statefulset", "StatefulSet");
        spec.supported("podManagementPolicy", "OrderedReady", "Parallel")
                .notNegative("ordinals.start");
        Check strategy = spec.in("updateStrategy");
        strategy.supported("type", "OnDelete", "RollingUpdate")
                .notNegative("rollingUpdate.partition")
                .countOrPercent("rollingUpdate.maxUnavailable");
        if (strategy.text("type").equals("OnDelete") && strategy.node().has("rollingUpdate")) {
            strategy.invalid("rollingUpdate", "only allowed for updateStrategy 'RollingUpdate'");
        }
        spec.in("persistentVolumeClaimRetentionPolicy")
                .supported("whenDeleted", "Delete", "Retain")
                .supported("whenScaled", "Delete", "Retain");
    }

    private static List<FieldError> onUpdate(ApiObject updated, ApiObject old) {
        return updated.spec()
                        .deepCopy()
                        .remove(MUTABLE)
                        .equals(old.spec().deepCopy().remove(MUTABLE))
                ? List.of()
                : List.of(
                        FieldError.forbidden(
                                "spec",
                                "updates to statefulset spec for fields other than 'replicas',"
                                        + " 'ordinals', 'template', 'updateStrategy',"
                                        + " 'revisionHistoryLimit',"
                                        + " 'persistentVolumeClaimRetentionPolicy' and"
                                        + " 'minReadySeconds' are forbidden"));
    }
}

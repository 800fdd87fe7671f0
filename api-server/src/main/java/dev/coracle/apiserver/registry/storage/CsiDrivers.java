package dev.coracle.apiserver.registry.storage;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** CSIDrivers, CSINodes and CSIStorageCapacities: what CSI drivers say of themselves. */
public final class CsiDrivers {

    private CsiDrivers() {}

    public static ResourceStrategy driver() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                StorageClasses.GROUP,
                                "v1",
                                "CSIDriver",
                                "csidrivers",
                                "io.k8s.api.storage.v1.CSIDriver"))
                .printedBy(
                        Columns.named()
                                .flag("AttachRequired", object -> flag(object, "attachRequired"))
                                .flag("PodInfoOnMount", object -> flag(object, "podInfoOnMount"))
                                .flag("StorageCapacity", object -> flag(object, "storageCapacity"))
                                .text("TokenRequests", CsiDrivers::audiences)
                                .flag(
                                        "RequiresRepublish",
                                        object -> flag(object, "requiresRepublish"))
                                .textOrNone(
                                        "Modes",
                                        object ->
                                                String.join(
                                                        ",",
                                                        Json.texts(
                                                                object.at(
                                                                        "spec.volumeLifecycleModes"))))
                                .age())
                .named(Names::csiDriver)
                .defaults(CsiDrivers::driverDefaults)
                .withGeneration()
                .rules(object -> driverRules(object.in("spec")))
                .immutable("spec.attachRequired", "spec.volumeLifecycleModes")
                .answersDeleteWithObject()
                .build();
    }

    public static ResourceStrategy node() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                StorageClasses.GROUP,
                                "v1",
                                "CSINode",
                                "csinodes",
                                "io.k8s.api.storage.v1.CSINode"))
                .printedBy(
                        Columns.named()
                                .integer("Drivers", object -> object.at("spec.drivers").size())
                                .age())
                .defaults(object -> {
                    if (!object.spec().has("drivers")) {
                        object.spec().putArray("drivers");
                    }
                })
                .rules(object -> {
                    Set<String> names = new HashSet<>();
                    object.each("spec.drivers", driver -> nodeDriver(driver, names));
                })
                .updateRule(CsiDrivers::keepsNodeDrivers)
                .answersDeleteWithObject()
                .build();
    }

    public static ResourceStrategy storageCapacity() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                StorageClasses.GROUP,
                                "v1",
                                "CSIStorageCapacity",
                                "csistoragecapacities",
                                "io.k8s.api.storage.v1.CSIStorageCapacity"))
                .printedBy(
                        Columns.named()
                                .text("StorageClassName", object -> object.text("storageClassName"))
                                .text(
                                        "Capacity",
                                        object ->
                                                Columns.orElse(object.text("capacity"), "<unset>")))
                .rules(object ->
                        object.required("storageClassName")
                                .shaped("storageClassName", Names::subdomain)
                                .selector("nodeTopology")
                                .quantity("capacity", BigDecimal.ZERO)
                                .quantity("maximumVolumeSize", BigDecimal.ZERO))
                .immutable("nodeTopology", "storageClassName")
                .build();
    }

    private static void driverDefaults(ApiObject object) {
        ObjectNode spec = object.spec();
        for (Map.Entry<String, Boolean> flag :
                Map.of(
                                "attachRequired", true,
                                "podInfoOnMount", false,
                                "storageCapacity", false,
                                "requiresRepublish", false,
                                "seLinuxMount", false)
                        .entrySet()) {
            if (!spec.has(flag.getKey())) {
                spec.put(flag.getKey(), flag.getValue());
            }
        }
        Json.setDefault(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
        if (spec.path("volumeLifecycleModes").isEmpty()) {
            spec.putArray("volumeLifecycleModes").add("Persistent");
        }
    }

    private static void driverRules(Check spec) {
        spec.supported("fsGroupPolicy", "File", "None", "ReadWriteOnceWithFSType")
                .eachSupported("volumeLifecycleModes", "Ephemeral", "Persistent");
        Set<String> audiences = new HashSet<>();
        spec.each(
                "tokenRequests",
                request -> {
                    if (!audiences.add(request.text("audience"))) {
                        request.duplicate("audience");
                    }
                    JsonNode seconds = request.node().path("expirationSeconds");
                    if (seconds.isNumber() && seconds.asLong() < 600) {
                        request.invalid(
                                "expirationSeconds",
                                "may not specify a duration less than 10 minutes");
                    } else if (seconds.asLong(0) > 1L << 32) {
                        request.invalid(
                                "expirationSeconds",
                                "may not specify a duration larger than 2^32 seconds");
                    }
                });
    }

    private static void nodeDriver(Check driver, Set<String> names) {
        driver.required("name")
                .shaped("name", Names::csiDriver)
                .unique("name", names)
                .required("nodeID")
                .notNegative("allocatable.count");
        if (driver.text("nodeID").length() > 256) {
            driver.invalid("nodeID", "must be 256 characters or less");
        }
        Set<String> keys = new HashSet<>();
        driver.each(
                "topologyKeys",
                key -> {
                    String text = key.node().asString("");
                    String wrong = Names.qualifiedName(text);
                    if (!keys.add(text)) {
                        key.add(FieldError.duplicate(key.path(), text));
                    } else if (wrong != null) {
                        key.invalid(wrong);
                    }
                });
    }

    /** Drivers come and go, but one that stays does not change. */
    private static List<FieldError> keepsNodeDrivers(ApiObject updated, ApiObject old) {
        Map<String, ObjectNode> before =
                Json.objects(old.at("spec.drivers")).stream()
                        .collect(
                                Collectors.toMap(
                                        driver -> Json.text(driver, "name"),
                                        driver -> driver,
                                        (first, _) -> first));
        List<FieldError> errors = new ArrayList<>();
        int i = 0;
        for (ObjectNode driver : Json.objects(updated.at("spec.drivers"))) {
            ObjectNode same = before.get(Json.text(driver, "name"));
            if (same != null && !same.equals(driver)) {
                errors.add(
                        FieldError.invalid(
                                "spec.drivers[" + i + "]", driver, "field is immutable"));
            }
            i++;
        }
        return errors;
    }

    private static boolean flag(ApiObject object, String member) {
        return object.at("spec." + member).asBoolean(false);
    }

    private static String audiences(ApiObject object) {
        String all =
                Json.objects(object.at("spec.tokenRequests")).stream()
                        .map(request -> Json.text(request, "audience"))
                        .collect(Collectors.joining(","));
        return object.at("spec.tokenRequests").isEmpty() ? "<unset>" : all;
    }
}

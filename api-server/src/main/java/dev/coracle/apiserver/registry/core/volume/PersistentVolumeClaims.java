package dev.coracle.apiserver.registry.core.volume;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.registry.validation.Quantities;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** PersistentVolumeClaims. */
public final class PersistentVolumeClaims {

    private static final String STORAGE = "spec.resources.requests.storage";

    private PersistentVolumeClaims() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "",
                                        "v1",
                                        "PersistentVolumeClaim",
                                        "persistentvolumeclaims",
                                        "io.k8s.api.core.v1.PersistentVolumeClaim")
                                .withShortNames("pvc")
                                .with(Subresource.STATUS))
                .printedBy(columns())
                .defaults(PersistentVolumeClaims::applyDefaults)
                .onCreate(object -> object.status().put("phase", "Pending"))
                .rules(object -> rules(object.in("spec")))
                .updateRule(PersistentVolumeClaims::onUpdate)
                .answersDeleteWithObject()
                .build();
    }

    /** Also for the claim templates of a StatefulSet. */
    public static void applyDefaults(ApiObject claim) {
        Json.setDefault(claim.spec(), "volumeMode", "Filesystem");
        if (claim.at("spec.resources.limits") instanceof ObjectNode limits) {
            ObjectNode requests = Json.object(Json.object(claim.spec(), "resources"), "requests");
            limits.properties()
                    .forEach(limit -> {
                        if (!requests.has(limit.getKey())) {
                            requests.set(limit.getKey(), limit.getValue());
                        }
                    });
        }
    }

    private static Columns columns() {
        return Columns.named()
                .text(
                        "Status",
                        claim ->
                                claim.isBeingDeleted() ? "Terminating" : claim.text("status.phase"))
                .text("Volume", claim -> claim.text("spec.volumeName"))
                .text("Capacity", claim -> ifBound(claim, claim.text("status.capacity.storage")))
                .text(
                        "Access Modes",
                        claim -> ifBound(claim, AccessModes.print(claim.at("status.accessModes"))))
                .text("StorageClass", claim -> claim.text("spec.storageClassName"))
                .text(
                        "VolumeAttributesClass",
                        claim ->
                                Columns.orElse(
                                        claim.text("spec.volumeAttributesClassName"), "<unset>"))
                .age()
                .text(
                        "VolumeMode",
                        claim -> Columns.orElse(claim.text("spec.volumeMode"), "<unset>"))
                .wide();
    }

    private static String ifBound(ApiObject claim, String text) {
        return claim.text("spec.volumeName").isEmpty() ? "" : text;
    }

    private static void rules(Check spec) {
        spec.required("accessModes", "at least 1 access mode is required");
        AccessModes.check(spec);
        spec.selector("selector");
        if (!Json.at(spec.node(), "resources.requests.storage").isMissingNode()) {
            String at = spec.path("resources") + "[storage]";
            Quantities.parse(spec.text("resources.requests.storage"))
                    .ifPresentOrElse(
                            size -> {
                                if (size.signum() <= 0) {
                                    spec.add(
                                            FieldError.invalid(
                                                    at,
                                                    spec.text("resources.requests.storage"),
                                                    "must be greater than zero"));
                                }
                            },
                            () -> spec.invalid("resources.requests.storage", Quantities.EXPECTED));
        } else {
            spec.add(FieldError.required(spec.path("resources") + "[storage]", ""));
        }
        spec.supported("volumeMode", "Block", "Filesystem")
                .shaped("storageClassName", Names::subdomain)
                .shaped("volumeName", Names::subdomain);
    }

    /** A bound claim may grow; one that is not bound may be bound. */
    private static List<FieldError> onUpdate(ApiObject updated, ApiObject old) {
        List<FieldError> errors = new ArrayList<>();
        boolean bound = old.text("status.phase").equals("Bound");
        if (!comparable(updated, old, bound).equals(comparable(old, old, bound))) {
            errors.add(
                    FieldError.forbidden(
                            "spec",
                            "spec is immutable after creation except resources.requests and"
                                    + " volumeAttributesClassName for bound claims"));
        }
        BigDecimal before = Quantities.parse(old.text(STORAGE)).orElse(BigDecimal.ZERO);
        BigDecimal after = Quantities.parse(updated.text(STORAGE)).orElse(before);
        BigDecimal granted =
                Quantities.parse(old.text("status.capacity.storage")).orElse(BigDecimal.ZERO);
        if (bound && after.compareTo(before) < 0 && after.compareTo(granted) <= 0) {
            errors.add(
                    FieldError.forbidden(
                            "spec.resources.requests.storage",
                            "field can not be less than status.capacity"));
        }
        return errors;
    }

    private static ObjectNode comparable(ApiObject claim, ApiObject old, boolean bound) {
        ObjectNode spec = claim.spec().deepCopy();
        if (old.text("spec.volumeName").isEmpty()) {
            spec.remove("volumeName");
        }
        if (old.at("spec.storageClassName").isMissingNode()) {
            spec.remove("storageClassName");
        }
        if (bound) {
            spec.remove("volumeAttributesClassName");
            if (spec.path("resources") instanceof ObjectNode resources) {
                resources.remove("requests");
            }
        }
        return spec;
    }
}

package dev.coracle.apiserver.registry.core.service;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The addresses and address families of a Service, in a cluster that has IPv4 (KEP-563). One
 * exception is upstream's: a headless Service without a selector may name both families.
 */
final class ServiceFamilies {

    private static final String SINGLE = "SingleStack";
    private static final List<String> POLICIES =
            List.of("PreferDualStack", "RequireDualStack", SINGLE);

    private ServiceFamilies() {}

    /** Fills in the policy and the families; what is wrong is left for {@link #validate}. */
    static void complete(ApiObject service, @Nullable ApiObject old) {
        if (ServiceTypes.isExternalName(service)) {
            return;
        }
        ObjectNode spec = service.spec();
        boolean both = isHeadlessWithoutSelector(service);
        String before = old == null ? "" : old.text("spec.ipFamilyPolicy");
        Json.setDefault(
                spec,
                "ipFamilyPolicy",
                !before.isEmpty() ? before : both ? "RequireDualStack" : SINGLE);
        ArrayNode families =
                spec.path("ipFamilies") instanceof ArrayNode given
                        ? given
                        : spec.putArray("ipFamilies");
        boolean single = Json.text(spec, "ipFamilyPolicy").equals(SINGLE);
        if (old != null && single && families.size() > 1) {
            if (old.at("spec.ipFamilies").equals(families)) {
                families.remove(1);
            }
        }
        if (families.isEmpty()) {
            families.add(isV6(service.text("spec.clusterIP")) ? "IPv6" : "IPv4");
        }
        if (both && !single && families.size() == 1) {
            families.add(families.path(0).asString("").equals("IPv4") ? "IPv6" : "IPv4");
        }
    }

    static List<FieldError> validate(ApiObject service) {
        List<FieldError> errors = new ArrayList<>();
        if (ServiceTypes.isExternalName(service)) {
            for (String member : List.of("clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
                if (Json.isPresent(service.at("spec." + member))) {
                    errors.add(
                            FieldError.forbidden(
                                    "spec." + member, "may not be set for ExternalName services"));
                }
            }
            return errors;
        }
        wellFormed(service, errors);
        if (errors.isEmpty()) {
            served(service, errors);
        }
        return errors;
    }

    static List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        if (ServiceTypes.isExternalName(updated)
                || ServiceTypes.isExternalName(old)
                || (ServiceTypes.isHeadless(updated) && ServiceTypes.isHeadless(old))) {
            return List.of();
        }
        List<FieldError> errors = new ArrayList<>();
        unchanged("clusterIPs", "clusterIP", updated, old, errors);
        if (ServiceTypes.isHeadless(updated) == ServiceTypes.isHeadless(old)) {
            unchanged("ipFamilies", "ipFamily", updated, old, errors);
        }
        return errors;
    }

    private static void unchanged(
            String member, String one, ApiObject updated, ApiObject old, List<FieldError> errors) {
        List<String> before = Json.texts(old.at("spec." + member));
        List<String> after = Json.texts(updated.at("spec." + member));
        String path = "spec." + member + "[0]";
        if (!before.isEmpty() && after.isEmpty()) {
            errors.add(
                    FieldError.invalid(
                            path,
                            updated.spec().arrayNode(),
                            "primary " + one + " can not be unset"));
        } else if (!before.isEmpty() && !before.getFirst().equals(after.getFirst())) {
            errors.add(
                    FieldError.invalid(
                            path, updated.at("spec." + member), "may not change once set"));
        }
    }

    private static void wellFormed(ApiObject service, List<FieldError> errors) {
        List<String> families = Json.texts(service.at("spec.ipFamilies"));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < families.size(); i++) {
            String family = families.get(i);
            if (!List.of("IPv4", "IPv6").contains(family)) {
                errors.add(
                        FieldError.notSupported(
                                "spec.ipFamilies[" + i + "]", family, List.of("IPv4", "IPv6")));
            }
            if (!seen.add(family)) {
                errors.add(FieldError.duplicate("spec.ipFamilies[" + i + "]", family));
            }
        }
        String policy = service.text("spec.ipFamilyPolicy");
        if (!policy.isEmpty() && !POLICIES.contains(policy)) {
            errors.add(FieldError.notSupported("spec.ipFamilyPolicy", policy, POLICIES));
        }
        addresses(service, families, errors);
    }

    private static void addresses(
            ApiObject service, List<String> families, List<FieldError> errors) {
        String first = service.text("spec.clusterIP");
        List<String> all = Json.texts(service.at("spec.clusterIPs"));
        Object printed = service.spec().path("clusterIPs");
        if (!first.isEmpty() && all.isEmpty()) {
            errors.add(FieldError.required("spec.clusterIPs", ""));
        } else if (!all.isEmpty() && !all.getFirst().equals(first)) {
            errors.add(
                    FieldError.invalid(
                            "spec.clusterIPs", printed, "first value must match `clusterIP`"));
        }
        boolean invalid = false;
        for (int i = 0; i < all.size(); i++) {
            String path = "spec.clusterIPs[" + i + "]";
            if (i == 0 && all.getFirst().equals("None")) {
                if (all.size() > 1) {
                    errors.add(
                            FieldError.invalid(
                                    "spec.clusterIPs",
                                    printed,
                                    "'None' must be the first and only value"));
                    invalid = true;
                }
                continue;
            }
            @Nullable String wrong = Addresses.address(all.get(i));
            if (wrong != null) {
                errors.add(FieldError.invalid(path, all.get(i), wrong));
                invalid = true;
            } else if (i < families.size() && isV6(all.get(i)) != families.get(i).equals("IPv6")) {
                errors.add(
                        FieldError.invalid(
                                path,
                                all.get(i),
                                "expected an "
                                        + families.get(i)
                                        + " value as indicated by `ipFamilies["
                                        + i
                                        + "]`"));
            }
        }
        if (all.size() > 2) {
            errors.add(
                    FieldError.invalid("spec.clusterIPs", printed, "may only hold up to 2 values"));
        }
        if (!invalid && all.size() > 1 && isV6(all.get(0)) == isV6(all.get(1))) {
            errors.add(
                    FieldError.invalid(
                            "spec.clusterIPs",
                            printed,
                            "may specify no more than one IP for each IP family"));
        }
    }

    /** What has the right form, but not in this cluster. */
    private static void served(ApiObject service, List<FieldError> errors) {
        String policy = service.text("spec.ipFamilyPolicy");
        List<String> all = Json.texts(service.at("spec.clusterIPs"));
        List<String> families = Json.texts(service.at("spec.ipFamilies"));
        if (policy.equals(SINGLE) && all.size() == 2) {
            errors.add(severalNeedDual("cluster IPs", policy));
        }
        if (policy.equals(SINGLE) && families.size() == 2) {
            errors.add(severalNeedDual("IP families", policy));
        }
        if (!errors.isEmpty() || isHeadlessWithoutSelector(service)) {
            return;
        }
        if (policy.equals("RequireDualStack")) {
            errors.add(
                    FieldError.invalid(
                            "spec.ipFamilyPolicy",
                            policy,
                            "this cluster is not configured for dual-stack services"));
        }
        for (int i = 0; i < families.size(); i++) {
            if (!families.get(i).equals("IPv4")) {
                errors.add(
                        FieldError.invalid(
                                "spec.ipFamilies[" + i + "]",
                                families.get(i),
                                "not configured on this cluster"));
            }
        }
        for (int i = families.size(); i < all.size(); i++) {
            if (isV6(all.get(i))) {
                errors.add(
                        FieldError.invalid(
                                "spec.clusterIPs[" + i + "]",
                                service.at("spec.clusterIPs"),
                                "IPv6 is not configured on this cluster"));
            }
        }
    }

    private static FieldError severalNeedDual(String what, String policy) {
        return FieldError.invalid(
                "spec.ipFamilyPolicy",
                policy,
                "must be 'RequireDualStack' or 'PreferDualStack' when multiple "
                        + what
                        + " are specified");
    }

    private static boolean isHeadlessWithoutSelector(ApiObject service) {
        return service.text("spec.clusterIP").equals("None")
                && !Json.isPresent(service.at("spec.selector"));
    }

    private static boolean isV6(String address) {
        return address.contains(":");
    }
}

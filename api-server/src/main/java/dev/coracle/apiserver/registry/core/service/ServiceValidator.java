package dev.coracle.apiserver.registry.core.service;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Checks of a Service (k8s.io/kubernetes/pkg/apis/core/validation, ValidateService). */
final class ServiceValidator {

    private static final List<String> TYPES =
            List.of("ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");

    private ServiceValidator() {}

    static List<FieldError> validate(ApiObject service) {
        List<FieldError> errors = new ArrayList<>();
        String type = service.text("spec.type");
        if (!TYPES.contains(type)) {
            errors.add(FieldError.notSupported("spec.type", type, TYPES));
        }
        String clusterIp = service.text("spec.clusterIP");
        boolean headless = clusterIp.equals("None");
        if (type.equals("ExternalName")) {
            externalName(service, clusterIp, errors);
        } else if (service.at("spec.ports").isEmpty() && !headless) {
            errors.add(FieldError.required("spec.ports", ""));
        }
        if (headless && (type.equals("NodePort") || type.equals("LoadBalancer"))) {
            errors.add(
                    FieldError.invalid(
                            "spec.clusterIPs[0]",
                            clusterIp,
                            "may not be set to 'None' for " + type + " services"));
        }
        if (!clusterIp.isEmpty() && !headless && ClusterIpAllocator.parse(clusterIp) == null) {
            errors.add(
                    FieldError.invalid(
                            "spec.clusterIPs[0]",
                            clusterIp,
                            "must be a valid IPv4 address, (e.g. 10.9.8.7)"));
        }
        List<String> all = Json.texts(service.at("spec.clusterIPs"));
        if (all.size() > 1) {
            errors.add(
                    FieldError.forbidden(
                            "spec.clusterIPs[1]", "this cluster serves one address family, IPv4"));
        } else if (!all.isEmpty() && !all.getFirst().equals(clusterIp)) {
            errors.add(
                    FieldError.invalid(
                            "spec.clusterIPs",
                            service.at("spec.clusterIPs"),
                            "first value must match `clusterIP`"));
        }
        families(service, errors);
        errors.addAll(Metadata.labels(service.at("spec.selector"), "spec.selector"));
        ports(service, errors);
        policies(service, errors);
        errors.addAll(Check.at(service.spec(), "spec", spec -> outside(spec, type)));
        return errors;
    }

    /** What has to do with the world outside the cluster. */
    private static void outside(Check spec, String type) {
        spec.each(
                "externalIPs",
                address -> {
                    String text = address.node().asString("");
                    @Nullable String wrong = Addresses.endpoint(text, text.contains(":"));
                    if (wrong != null) {
                        address.invalid(wrong);
                    }
                });
        spec.each(
                "loadBalancerSourceRanges",
                range -> {
                    @Nullable String wrong = Addresses.network(range.node().asString("").strip());
                    if (wrong != null) {
                        range.invalid(wrong);
                    }
                });
        spec.shaped("loadBalancerClass", Names::qualifiedName)
                .supported("trafficDistribution", "PreferClose");
        if (!type.equals("LoadBalancer")) {
            for (String member :
                    List.of(
                            "loadBalancerSourceRanges",
                            "loadBalancerClass",
                            "allocateLoadBalancerNodePorts")) {
                if (spec.has(member)) {
                    spec.forbidden(member, "may only be used when `type` is 'LoadBalancer'");
                }
            }
        }
    }

    static List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        String before = old.text("spec.clusterIP");
        String after = updated.text("spec.clusterIP");
        boolean typed =
                !old.text("spec.type").equals("ExternalName")
                        && !updated.text("spec.type").equals("ExternalName");
        List<FieldError> errors = new ArrayList<>();
        if (typed && !before.isEmpty() && !before.equals(after)) {
            errors.add(
                    FieldError.invalid(
                            "spec.clusterIPs[0]",
                            updated.at("spec.clusterIPs"),
                            "may not change once set"));
        }
        if (old.text("spec.type").equals("LoadBalancer")
                && updated.text("spec.type").equals("LoadBalancer")) {
            errors.addAll(Metadata.immutable(updated, old, "spec.loadBalancerClass"));
        }
        return errors;
    }

    private static void externalName(ApiObject service, String clusterIp, List<FieldError> errors) {
        String name = service.text("spec.externalName");
        if (!clusterIp.isEmpty()) {
            errors.add(
                    FieldError.forbidden(
                            "spec.clusterIPs", "may not be set when `type` is 'ExternalName'"));
        }
        if (name.isEmpty()) {
            errors.add(FieldError.required("spec.externalName", ""));
            return;
        }
        String wrong =
                Names.subdomain(name.endsWith(".") ? name.substring(0, name.length() - 1) : name);
        if (wrong != null) {
            errors.add(FieldError.invalid("spec.externalName", name, wrong));
        }
    }

    private static void families(ApiObject service, List<FieldError> errors) {
        String policy = service.text("spec.ipFamilyPolicy");
        if (policy.equals("RequireDualStack")) {
            errors.add(
                    FieldError.invalid(
                            "spec.ipFamilyPolicy",
                            policy,
                            "this cluster is not configured for dual-stack services"));
        }
        for (String family : Json.texts(service.at("spec.ipFamilies"))) {
            if (!family.equals("IPv4")) {
                errors.add(
                        FieldError.invalid(
                                "spec.ipFamilies[0]", family, "not configured on this cluster"));
            }
        }
    }

    private static void ports(ApiObject service, List<FieldError> errors) {
        List<ObjectNode> ports = Json.objects(service.at("spec.ports"));
        Set<String> names = new HashSet<>();
        Set<String> numbers = new HashSet<>();
        int i = 0;
        for (ObjectNode port : ports) {
            String path = "spec.ports[" + i++ + "]";
            String name = Json.text(port, "name");
            if (name.isEmpty() && ports.size() > 1) {
                errors.add(FieldError.required(path + ".name", ""));
            } else if (!name.isEmpty()) {
                String wrong = Names.label(name);
                if (wrong != null) {
                    errors.add(FieldError.invalid(path + ".name", name, wrong));
                } else if (!names.add(name)) {
                    errors.add(FieldError.duplicate(path + ".name", name));
                }
            }
            number(port.path("port"), path + ".port", errors);
            JsonNode target = port.path("targetPort");
            if (target.isNumber()) {
                number(target, path + ".targetPort", errors);
            } else if (target.isString()
                    && !target.asString()
                            .matches("(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")) {
                errors.add(
                        FieldError.invalid(
                                path + ".targetPort",
                                target,
                                "must be no more than 15 characters, contain only alphanumeric characters"
                                        + " (a-z, 0-9), '-' and at least one letter"));
            }
            String protocol = Json.text(port, "protocol");
            if (!PROTOCOLS.contains(protocol)) {
                errors.add(FieldError.notSupported(path + ".protocol", protocol, PROTOCOLS));
            }
            if (!numbers.add(protocol + "/" + Json.text(port, "port"))) {
                errors.add(FieldError.duplicate(path, protocol + "/" + Json.text(port, "port")));
            }
            if (port.path("nodePort").asInt(0) != 0 && !ServiceStrategy.mayHaveNodePorts(service)) {
                errors.add(
                        FieldError.forbidden(
                                path + ".nodePort",
                                "may not be used when `type` is '"
                                        + service.text("spec.type")
                                        + "'"));
            }
        }
    }

    private static void number(JsonNode number, String path, List<FieldError> errors) {
        if (number.isNumber() && (number.asInt() < 1 || number.asInt() > 65535)) {
            errors.add(FieldError.invalid(path, number, "must be between 1 and 65535, inclusive"));
        }
    }

    private static void policies(ApiObject service, List<FieldError> errors) {
        supported(service, "spec.sessionAffinity", List.of("ClientIP", "None"), errors);
        supported(service, "spec.internalTrafficPolicy", List.of("Cluster", "Local"), errors);
        supported(service, "spec.externalTrafficPolicy", List.of("Cluster", "Local"), errors);
        JsonNode timeout = service.at("spec.sessionAffinityConfig.clientIP.timeoutSeconds");
        if (timeout.isNumber() && (timeout.asInt() < 1 || timeout.asInt() > 86400)) {
            errors.add(
                    FieldError.invalid(
                            "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                            timeout,
                            "must be greater than 0 and less than 86400"));
        }
    }

    private static void supported(
            ApiObject service, String field, List<String> values, List<FieldError> errors) {
        String value = service.text(field);
        if (!value.isEmpty() && !values.contains(value)) {
            errors.add(FieldError.notSupported(field, value, values));
        }
    }
}

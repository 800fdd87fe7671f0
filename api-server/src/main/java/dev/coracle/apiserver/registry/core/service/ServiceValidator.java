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

    private static final String[] TYPES = {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"};
    private static final List<String> PROTOCOLS = List.of("SCTP", "TCP", "UDP");
    private static final String SOURCE_RANGES =
            "service.beta.kubernetes.io/load-balancer-source-ranges";
    private static final String TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";
    private static final String TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";
    private static final String ONLY_LOAD_BALANCER =
            "may only be used when `type` is 'LoadBalancer'";

    private ServiceValidator() {}

    static List<FieldError> validate(ApiObject service) {
        List<FieldError> errors = new ArrayList<>(topology(service));
        String type = service.text("spec.type");
        boolean headless = ServiceTypes.isHeadless(service);
        if (!ServiceTypes.isExternalName(service)
                && service.at("spec.ports").isEmpty()
                && !headless) {
            errors.add(FieldError.required("spec.ports", ""));
        }
        if (headless && ServiceTypes.mayHaveNodePorts(service)) {
            errors.add(
                    FieldError.invalid(
                            "spec.clusterIPs[0]",
                            "None",
                            "may not be set to 'None' for " + type + " services"));
        }
        errors.addAll(ServiceFamilies.validate(service));
        errors.addAll(Metadata.labels(service.at("spec.selector"), "spec.selector"));
        ServicePorts.validate(service, errors);
        errors.addAll(
                Check.at(
                        service.spec(),
                        "spec",
                        spec -> {
                            spec.supported("type", TYPES);
                            if (ServiceTypes.isExternalName(service)) {
                                externalName(spec);
                            }
                            affinity(spec);
                            addresses(spec);
                            sourceRanges(service, spec);
                            loadBalancer(service, spec);
                            policies(service, spec);
                        }));
        return errors;
    }

    static List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        List<FieldError> errors = new ArrayList<>(ServiceFamilies.validateUpdate(updated, old));
        if (ServiceTypes.isLoadBalancer(old) && ServiceTypes.isLoadBalancer(updated)) {
            JsonNode before = old.at("spec.loadBalancerClass");
            JsonNode after = updated.at("spec.loadBalancerClass");
            if (Json.isPresent(before) != Json.isPresent(after)
                    || (Json.isPresent(before) && !before.equals(after))) {
                errors.add(
                        FieldError.invalid(
                                "spec.loadBalancerClass",
                                after.isMissingNode() ? "null" : after,
                                "may not change once set"));
            }
        }
        if (ServiceTypes.needsHealthCheck(old)
                && ServiceTypes.needsHealthCheck(updated)
                && ServiceTypes.healthCheckNodePort(old)
                        != ServiceTypes.healthCheckNodePort(updated)) {
            errors.add(FieldError.forbidden("spec.healthCheckNodePort", "field is immutable"));
        }
        return errors;
    }

    private static List<FieldError> topology(ApiObject service) {
        JsonNode annotations = service.at("metadata.annotations");
        JsonNode mode = annotations.path(TOPOLOGY_MODE);
        JsonNode hints = annotations.path(TOPOLOGY_HINTS);
        return mode.isMissingNode() || hints.isMissingNode() || mode.equals(hints)
                ? List.of()
                : List.of(
                        FieldError.invalid(
                                "metadata.annotations[" + TOPOLOGY_MODE + "]",
                                mode,
                                "must match annotations["
                                        + TOPOLOGY_HINTS
                                        + "] when both are specified"));
    }

    private static void externalName(Check spec) {
        String name = spec.text("externalName");
        String relative = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (relative.isEmpty()) {
            spec.add(FieldError.required("spec.externalName", ""));
            return;
        }
        @Nullable String wrong = Names.subdomain(relative);
        if (wrong != null) {
            spec.add(FieldError.invalid("spec.externalName", relative, wrong));
        }
    }

    private static void affinity(Check spec) {
        spec.supported("sessionAffinity", "ClientIP", "None");
        JsonNode timeout = Json.at(spec.node(), "sessionAffinityConfig.clientIP.timeoutSeconds");
        if (timeout.isNumber() && (timeout.asLong() < 1 || timeout.asLong() > 86400)) {
            spec.invalid(
                    "sessionAffinityConfig.clientIP.timeoutSeconds",
                    "must be greater than 0 and less than 86400");
        }
    }

    private static void addresses(Check spec) {
        spec.each(
                "externalIPs",
                address -> {
                    String text = address.node().asString("");
                    @Nullable String wrong = Addresses.address(text);
                    if (wrong == null) {
                        wrong = Addresses.endpoint(text, text.contains(":"));
                    }
                    if (wrong != null) {
                        address.invalid(wrong);
                    }
                });
    }

    /** The path's capital letter is upstream's. */
    private static void sourceRanges(ApiObject service, Check spec) {
        String path = "spec.LoadBalancerSourceRanges";
        List<String> ranges = Json.texts(spec.node().path("loadBalancerSourceRanges"));
        boolean listed = !ranges.isEmpty();
        if (!listed) {
            JsonNode annotation = service.at("metadata.annotations").path(SOURCE_RANGES);
            if (annotation.isMissingNode()) {
                return;
            }
            path = "metadata.annotations[" + SOURCE_RANGES + "]";
            String text = annotation.asString("").strip();
            ranges = text.isEmpty() ? List.of() : List.of(text.split(",", -1));
        }
        if (!ServiceTypes.isLoadBalancer(service)) {
            spec.add(FieldError.forbidden(path, ONLY_LOAD_BALANCER));
        }
        for (int i = 0; i < ranges.size(); i++) {
            String range = ranges.get(i).strip();
            @Nullable String wrong = Addresses.network(range);
            if (wrong != null) {
                spec.add(FieldError.invalid(path + (listed ? "[" + i + "]" : ""), range, wrong));
            }
        }
    }

    private static void loadBalancer(ApiObject service, Check spec) {
        if (ServiceTypes.isLoadBalancer(service)) {
            spec.shaped("loadBalancerClass", Names::qualifiedName);
            return;
        }
        for (String member : List.of("allocateLoadBalancerNodePorts", "loadBalancerClass")) {
            if (spec.has(member)) {
                spec.forbidden(member, ONLY_LOAD_BALANCER);
            }
        }
    }

    private static void policies(ApiObject service, Check spec) {
        if (ServiceTypes.isReachableFromOutside(service)) {
            spec.supported("externalTrafficPolicy", "Cluster", "Local");
        } else if (spec.has("externalTrafficPolicy")) {
            spec.invalid(
                    "externalTrafficPolicy", "may only be set for externally-accessible services");
        }
        if (ServiceTypes.needsHealthCheck(service)) {
            spec.port("healthCheckNodePort");
        } else if (ServiceTypes.healthCheckNodePort(service) != 0) {
            spec.invalid(
                    "healthCheckNodePort",
                    "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is"
                            + " 'Local'");
        }
        spec.supported("internalTrafficPolicy", "Cluster", "Local")
                .supported("trafficDistribution", "PreferClose");
    }

    /** Checks of the ports. */
    private static final class ServicePorts {

        private ServicePorts() {}

        static void validate(ApiObject service, List<FieldError> errors) {
            int count = service.at("spec.ports").size();
            Set<String> names = new HashSet<>();
            errors.addAll(
                    Check.at(
                            service.spec(),
                            "spec",
                            spec -> spec.each("ports", port -> port(port, count > 1, names))));
            List<ObjectNode> ports = Json.objects(service.at("spec.ports"));
            if (service.text("spec.type").equals("ClusterIP")) {
                for (int i = 0; i < ports.size(); i++) {
                    if (ports.get(i).path("nodePort").asInt(0) != 0) {
                        errors.add(
                                FieldError.forbidden(
                                        "spec.ports[" + i + "].nodePort",
                                        "may not be used when `type` is 'ClusterIP'"));
                    }
                }
            }
            duplicates(ports, errors);
        }

        private static void port(Check port, boolean needsName, Set<String> names) {
            if (needsName) {
                port.required("name");
            }
            port.shaped("name", Names::label).unique("name", names).port("port");
            String protocol = port.text("protocol");
            if (!PROTOCOLS.contains(protocol)) {
                port.add(FieldError.notSupported(port.path("protocol"), protocol, PROTOCOLS));
            }
            JsonNode target = port.node().path("targetPort");
            if (target.isString()) {
                port.shaped("targetPort", Names::portName);
            } else {
                port.port("targetPort");
            }
            port.shaped("appProtocol", Names::qualifiedName);
        }

        private static void duplicates(List<ObjectNode> ports, List<FieldError> errors) {
            Set<String> nodePorts = new HashSet<>();
            Set<Printed> numbers = new HashSet<>();
            List<FieldError> repeated = new ArrayList<>();
            for (int i = 0; i < ports.size(); i++) {
                ObjectNode port = ports.get(i);
                String protocol = Json.text(port, "protocol");
                int nodePort = port.path("nodePort").asInt(0);
                if (nodePort != 0 && !nodePorts.add(protocol + nodePort)) {
                    errors.add(FieldError.duplicate("spec.ports[" + i + "].nodePort", nodePort));
                }
                Printed number = new Printed(protocol, port.path("port").asInt(0));
                if (!numbers.add(number)) {
                    repeated.add(FieldError.duplicate("spec.ports[" + i + "]", number));
                }
            }
            errors.addAll(repeated);
        }
    }

    /** A port as upstream's message prints it. */
    private record Printed(String protocol, int port) {
        @Override
        public String toString() {
            return "core.ServicePort{Name:\"\", Protocol:\""
                    + protocol
                    + "\", AppProtocol:(*string)(nil), Port:"
                    + port
                    + ", TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:\"\"}, NodePort:0}";
        }
    }
}

package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Checks of a pod's spec (k8s.io/kubernetes/pkg/apis/core/validation), also for the spec inside a
 * pod template.
 */
public final class PodSpecValidator {

    private static final int MAX_NAMESERVERS = 3;
    private static final String[] EFFECTS = {"NoExecute", "NoSchedule", "PreferNoSchedule"};

    private PodSpecValidator() {}

    /**
     * Everything wrong with {@code spec}, which stands at {@code path} ({@code spec}, {@code
     * spec.template.spec}).
     */
    public static List<FieldError> validate(ObjectNode spec, String path) {
        return validate(spec, path, Set.of());
    }

    /** The same for a spec that gets {@code moreVolumes} when a pod is made of it. */
    static List<FieldError> validate(ObjectNode spec, String path, Set<String> moreVolumes) {
        return Check.at(spec, path, check -> check(check, moreVolumes));
    }

    private static void check(Check spec, Set<String> moreVolumes) {
        Set<String> volumes = VolumeRules.check(spec);
        volumes.addAll(moreVolumes);
        ContainerRules.check(spec, volumes);
        SecurityRules.pod(spec);
        spec.supported("restartPolicy", "Always", "Never", "OnFailure")
                .supported(
                        "dnsPolicy", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
                .supported("preemptionPolicy", "Never", "PreemptLowerPriority")
                .supported("os.name", "linux", "windows")
                .notNegative("terminationGracePeriodSeconds")
                .between("activeDeadlineSeconds", 1, Integer.MAX_VALUE)
                .labels("nodeSelector")
                .shaped("serviceAccountName", Names::subdomain)
                .shaped("nodeName", Names::subdomain)
                .shaped("hostname", Names::label)
                .shaped("subdomain", Names::label)
                .shaped("priorityClassName", Names::subdomain)
                .shaped("runtimeClassName", Names::subdomain);
        dns(spec);
        spec.each("tolerations", PodSpecValidator::toleration);
        spec.each("topologySpreadConstraints", PodSpecValidator::spread);
        spec.each("readinessGates", gate -> gate.shaped("conditionType", Names::qualifiedName));
        spec.each("hostAliases", alias -> alias.required("ip").shaped("ip", Addresses::address));
        Set<String> gates = new HashSet<>();
        spec.each(
                "schedulingGates",
                gate ->
                        gate.required("name")
                                .shaped("name", Names::qualifiedName)
                                .unique("name", gates));
        affinity(spec.in("affinity"));
    }

    private static void dns(Check spec) {
        boolean none = spec.text("dnsPolicy").equals("None");
        if (none && !spec.node().path("dnsConfig").isObject()) {
            spec.required("dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        Check config = spec.in("dnsConfig");
        if (none) {
            config.required(
                    "nameservers",
                    "must provide at least one DNS nameserver when `dnsPolicy` is None");
        }
        if (config.node().path("nameservers").size() > MAX_NAMESERVERS) {
            config.invalid(
                    "nameservers", "must not have more than " + MAX_NAMESERVERS + " nameservers");
        }
        config.each(
                "nameservers",
                server -> {
                    @Nullable String wrong = Addresses.address(server.node().asString(""));
                    if (wrong != null) {
                        server.invalid(wrong);
                    }
                });
        config.each("options", option -> option.required("name"));
    }

    private static void toleration(Check toleration) {
        String operator = toleration.text("operator");
        toleration
                .shaped("key", Names::qualifiedName)
                .supported("operator", "Equal", "Exists")
                .supported("effect", EFFECTS);
        if (operator.equals("Exists")) {
            if (toleration.has("value")) {
                toleration.invalid("operator", "value must be empty when `operator` is 'Exists'");
            }
        } else if (!toleration.has("key")) {
            toleration.invalid(
                    "operator",
                    "operator must be Exists when `key` is empty, which means \"match all values and"
                            + " all keys\"");
        } else {
            toleration.shaped("value", Names::labelValue);
        }
        if (toleration.node().has("tolerationSeconds")
                && !toleration.text("effect").equals("NoExecute")) {
            toleration.invalid(
                    "effect", "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
    }

    private static void spread(Check constraint) {
        if (constraint.node().path("maxSkew").asLong(0) <= 0) {
            constraint.invalid("maxSkew", "must be greater than zero");
        }
        constraint
                .required("topologyKey", "can not be empty")
                .shaped("topologyKey", Names::qualifiedName)
                .supported("whenUnsatisfiable", "DoNotSchedule", "ScheduleAnyway")
                .supported("nodeAffinityPolicy", "Honor", "Ignore")
                .supported("nodeTaintsPolicy", "Honor", "Ignore")
                .selector("labelSelector");
        JsonNode domains = constraint.node().path("minDomains");
        if (domains.isNumber() && domains.asLong() <= 0) {
            constraint.invalid("minDomains", "must be greater than zero");
        }
    }

    private static void affinity(Check affinity) {
        Check required = affinity.in("nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
        if (required.node().isObject()) {
            required.required("nodeSelectorTerms", "must have at least one node selector term")
                    .each("nodeSelectorTerms", PodSpecValidator::nodeTerm);
        }
        affinity.each(
                "nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution",
                preferred -> {
                    weight(preferred);
                    nodeTerm(preferred.in("preference"));
                });
        for (String kind : List.of("podAffinity", "podAntiAffinity")) {
            affinity.each(
                    kind + ".requiredDuringSchedulingIgnoredDuringExecution",
                    PodSpecValidator::podTerm);
            affinity.each(
                    kind + ".preferredDuringSchedulingIgnoredDuringExecution",
                    preferred -> {
                        weight(preferred);
                        podTerm(preferred.in("podAffinityTerm"));
                    });
        }
    }

    private static void weight(Check preferred) {
        JsonNode weight = preferred.node().path("weight");
        if (weight.asInt(0) < 1 || weight.asInt(0) > 100) {
            preferred.invalid("weight", "must be in the range 1-100");
        }
    }

    private static void podTerm(Check term) {
        term.required("topologyKey", "can not be empty")
                .shaped("topologyKey", Names::qualifiedName)
                .selector("labelSelector")
                .selector("namespaceSelector");
    }

    private static void nodeTerm(Check term) {
        term.each(
                "matchExpressions",
                expression -> {
                    expression.shaped("key", Names::qualifiedName);
                    int values = Json.texts(expression.node().path("values")).size();
                    switch (expression.text("operator")) {
                        case "In", "NotIn" ->
                                expression.required(
                                        "values",
                                        "must be specified when `operator` is 'In' or 'NotIn'");
                        case "Exists", "DoesNotExist" -> {
                            if (values > 0) {
                                expression.forbidden(
                                        "values",
                                        "may not be specified when `operator` is 'Exists' or"
                                                + " 'DoesNotExist'");
                            }
                        }
                        case "Gt", "Lt" -> {
                            if (values != 1) {
                                expression.add(
                                        FieldError.required(
                                                expression.path("values"),
                                                "must be specified single value when `operator` is"
                                                        + " 'Lt' or 'Gt'"));
                            }
                        }
                        default -> expression.invalid("operator", "not a valid selector operator");
                    }
                });
    }
}

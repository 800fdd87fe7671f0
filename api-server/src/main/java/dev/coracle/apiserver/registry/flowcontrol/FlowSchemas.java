package dev.coracle.apiserver.registry.flowcontrol;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** FlowSchemas. */
public final class FlowSchemas {

    static final String GROUP = "flowcontrol.apiserver.k8s.io";

    private static final Map<String, String> SUBJECTS =
            Map.of("User", "user", "Group", "group", "ServiceAccount", "serviceAccount");

    private FlowSchemas() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        GROUP,
                                        "v1",
                                        "FlowSchema",
                                        "flowschemas",
                                        "io.k8s.api.flowcontrol.v1.FlowSchema")
                                .with(Subresource.STATUS))
                .printedBy(
                        Columns.named()
                                .text(
                                        "PriorityLevel",
                                        schema ->
                                                schema.text("spec.priorityLevelConfiguration.name"))
                                .text(
                                        "MatchingPrecedence",
                                        schema -> schema.text("spec.matchingPrecedence"))
                                .textOrNone(
                                        "DistinguisherMethod",
                                        schema -> schema.text("spec.distinguisherMethod.type"))
                                .age()
                                .text("MissingPL", FlowSchemas::dangling))
                .named(Names::subdomain)
                .defaults(schema -> {
                    // zero is what a client sends that has no value
                    if (schema.at("spec.matchingPrecedence").asLong(0) == 0) {
                        schema.spec().put("matchingPrecedence", 1000);
                    }
                })
                .withGeneration()
                .rules(schema -> rules(schema.in("spec"), schema.text("metadata.name")))
                .build();
    }

    private static void rules(Check spec, String name) {
        spec.between("matchingPrecedence", 1, 10000);
        if (spec.node().path("matchingPrecedence").asInt(0) == 1 && !name.equals("exempt")) {
            spec.invalid(
                    "matchingPrecedence",
                    "only the schema named 'exempt' may have matchingPrecedence 1");
        }
        spec.ifPresent(
                "distinguisherMethod",
                method -> method.required("type").supported("type", "ByNamespace", "ByUser"));
        spec.in("priorityLevelConfiguration")
                .required("name", "must reference a priority level")
                .shaped("name", Names::subdomain);
        spec.each("rules", FlowSchemas::rule);
    }

    private static void rule(Check rule) {
        rule.required("subjects", "subjects must contain at least one value")
                .each("subjects", FlowSchemas::subject);
        if (!rule.has("resourceRules") && !rule.has("nonResourceRules")) {
            rule.add(
                    FieldError.required(
                            rule.path(),
                            "at least one of resourceRules and nonResourceRules has to be non-empty"));
        }
        rule.each(
                "resourceRules",
                each -> {
                    each.required("verbs", "verbs must contain at least one value")
                            .required(
                                    "apiGroups",
                                    "resource rules must supply at least one api group")
                            .required(
                                    "resources",
                                    "resource rules must supply at least one resource");
                    if (!each.node().path("clusterScope").asBoolean(false)) {
                        each.required(
                                "namespaces",
                                "resource rules that are not cluster scoped must supply at least one"
                                        + " namespace");
                    }
                });
        rule.each(
                "nonResourceRules",
                each ->
                        each.required("verbs", "verbs must contain at least one value")
                                .required(
                                        "nonResourceURLs",
                                        "nonResourceURLs must contain at least one value"));
    }

    private static void subject(Check subject) {
        String kind = subject.text("kind");
        String wanted = SUBJECTS.getOrDefault(kind, "");
        if (wanted.isEmpty()) {
            subject.add(
                    FieldError.notSupported(
                            subject.path("kind"),
                            kind,
                            List.of("Group", "ServiceAccount", "User")));
            return;
        }
        for (String member : SUBJECTS.values()) {
            boolean there = subject.node().path(member).isObject();
            if (there && !member.equals(wanted)) {
                subject.forbidden(
                        member,
                        member.toLowerCase(Locale.ROOT)
                                + " is forbidden when subject kind is not '"
                                + member
                                + "'");
            } else if (!there && member.equals(wanted)) {
                subject.required(
                        member, member + " is required when subject kind is '" + kind + "'");
            }
        }
        subject.ifPresent(wanted, who -> who.required("name"));
        subject.ifPresent("serviceAccount", who -> who.required("namespace"));
    }

    /** Whether the schema's priority level is missing: a condition's word for it, or ?. */
    private static String dangling(ApiObject schema) {
        for (ObjectNode condition : Json.objects(schema.at("status.conditions"))) {
            if (Json.text(condition, "type").equals("Dangling")) {
                return Json.text(condition, "status");
            }
        }
        return "?";
    }
}

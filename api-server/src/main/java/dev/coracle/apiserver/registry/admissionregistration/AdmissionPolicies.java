package dev.coracle.apiserver.registry.admissionregistration;

import dev.coracle.apiserver.customresource.rule.PolicyExpression;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** ValidatingAdmissionPolicies and their bindings. */
public final class AdmissionPolicies {

    private AdmissionPolicies() {}

    public static ResourceStrategy policy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        WebhookConfigurations.GROUP,
                                        "v1",
                                        "ValidatingAdmissionPolicy",
                                        "validatingadmissionpolicies",
                                        "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy")
                                .with(Subresource.STATUS))
                .printedBy(
                        Columns.named()
                                .integer(
                                        "Validations",
                                        policy -> policy.at("spec.validations").size())
                                .text("ParamKind", AdmissionPolicies::paramKind)
                                .age())
                .defaults(policy -> {
                    Json.setDefault(policy.spec(), "failurePolicy", "Fail");
                    MatchRules.applyResourceDefaults(policy.at("spec.matchConstraints"));
                })
                .withGeneration()
                .compilesExpressions()
                .rules(policy -> policy(policy.in("spec")))
                .build();
    }

    public static ResourceStrategy binding() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                WebhookConfigurations.GROUP,
                                "v1",
                                "ValidatingAdmissionPolicyBinding",
                                "validatingadmissionpolicybindings",
                                "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding"))
                .printedBy(
                        Columns.named()
                                .text("PolicyName", binding -> binding.text("spec.policyName"))
                                .text("ParamRef", AdmissionPolicies::paramRef)
                                .age())
                .defaults(binding ->
                        MatchRules.applyResourceDefaults(binding.at("spec.matchResources")))
                .withGeneration()
                .rules(binding -> binding(binding.in("spec")))
                .build();
    }

    private static void policy(Check spec) {
        spec.supported("failurePolicy", "Fail", "Ignore");
        spec.ifPresent("paramKind", kind -> kind.required("apiVersion").required("kind"));
        spec.required("matchConstraints");
        spec.ifPresent(
                "matchConstraints",
                match -> {
                    MatchRules.checkResources(match);
                    match.required("resourceRules");
                });
        if (!spec.has("validations") && !spec.has("auditAnnotations")) {
            spec.required("validations", "validations or auditAnnotations must be specified");
        }
        Set<String> declared = variables(spec);
        spec.each("validations", validation -> validation(validation, declared));
        Set<String> keys = new HashSet<>();
        spec.each(
                "auditAnnotations",
                annotation -> {
                    annotation
                            .required("key")
                            .shaped("key", Names::qualifiedName)
                            .unique("key", keys)
                            .required("valueExpression");
                    compiled(annotation, "valueExpression", "", declared);
                });
        MatchRules.conditions(
                spec, condition -> compiled(condition, "expression", "bool", declared));
    }

    /** Each variable may use those before it. */
    private static Set<String> variables(Check spec) {
        Set<String> names = new HashSet<>();
        spec.each(
                "variables",
                variable -> {
                    Set<String> before = Set.copyOf(names);
                    variable.required("name", "name is not specified")
                            .unique("name", names)
                            .required("expression", "expression is not specified");
                    compiled(variable, "expression", "", before);
                    if (variable.has("name")
                            && !variable.text("name").matches("[_a-zA-Z][_a-zA-Z0-9]*")) {
                        variable.invalid("name", "name is not a valid CEL identifier");
                    }
                });
        return names;
    }

    /**
     * @param type what the expression must evaluate to, or empty
     */
    private static void compiled(Check place, String member, String type, Set<String> variables) {
        String source = place.text(member);
        if (source.isBlank()) {
            return;
        }
        PolicyExpression expression = PolicyExpression.compile(source, variables);
        String error = type.isEmpty() ? expression.error() : expression.errorOf(type);
        if (!error.isEmpty()) {
            place.invalid(member, error);
        }
    }

    private static void validation(Check validation, Set<String> variables) {
        validation
                .required("expression", "expression is not specified")
                .supported(
                        "reason", "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized");
        compiled(validation, "expression", "bool", variables);
        compiled(validation, "messageExpression", "string", variables);
        String message = validation.text("message");
        if (message.contains("\n")) {
            validation.invalid("message", "message must not contain line breaks");
        } else if (!message.isEmpty() && message.isBlank()) {
            validation.invalid("message", "message must be non-empty if specified");
        } else if (validation.text("expression").contains("\n") && message.isEmpty()) {
            validation.add(
                    FieldError.required(
                            validation.path("message"),
                            "message must be specified if expression contains line breaks"));
        }
    }

    private static void binding(Check spec) {
        spec.required("policyName").shaped("policyName", Names::subdomain);
        spec.required("validationActions")
                .eachSupported("validationActions", "Audit", "Deny", "Warn");
        List<String> actions = Json.texts(spec.node().path("validationActions"));
        if (actions.contains("Deny") && actions.contains("Warn")) {
            spec.invalid(
                    "validationActions",
                    "must not contain both Deny and Warn (repeating the same validation failure"
                            + " information in the API response and headers serves no purpose)");
        }
        Set<String> taken = new HashSet<>();
        spec.each(
                "validationActions",
                action -> {
                    if (!taken.add(action.node().asString(""))) {
                        action.add(FieldError.duplicate(action.path(), action.node()));
                    }
                });
        spec.ifPresent(
                "paramRef",
                ref -> {
                    boolean named = ref.has("name");
                    boolean selected = ref.node().has("selector");
                    if (named && selected) {
                        ref.forbidden("name", "name and selector are mutually exclusive");
                    } else if (!named && !selected) {
                        ref.add(
                                FieldError.required(
                                        ref.path(), "one of name or selector must be specified"));
                    }
                    ref.selector("selector")
                            .required("parameterNotFoundAction")
                            .supported("parameterNotFoundAction", "Allow", "Deny");
                });
        spec.ifPresent("matchResources", MatchRules::checkResources);
    }

    private static String paramKind(ApiObject policy) {
        return policy.at("spec.paramKind") instanceof ObjectNode kind
                ? Json.text(kind, "apiVersion") + "/" + Json.text(kind, "kind")
                : "<unset>";
    }

    private static String paramRef(ApiObject binding) {
        if (!(binding.at("spec.paramRef") instanceof ObjectNode ref)) {
            return "<unset>";
        }
        String namespace = Json.text(ref, "namespace");
        String name = Columns.orElse(Json.text(ref, "name"), "*");
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}

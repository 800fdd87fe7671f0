package dev.coracle.apiserver.registry.admissionregistration;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** MutatingWebhookConfigurations and ValidatingWebhookConfigurations. */
public final class WebhookConfigurations {

    static final String GROUP = "admissionregistration.k8s.io";

    private WebhookConfigurations() {}

    public static ResourceStrategy mutating() {
        return strategy("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", true);
    }

    public static ResourceStrategy validating() {
        return strategy("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false);
    }

    private static ResourceStrategy strategy(String kind, String plural, boolean mutates) {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                GROUP,
                                "v1",
                                kind,
                                plural,
                                "io.k8s.api.admissionregistration.v1." + kind))
                .printedBy(
                        Columns.named()
                                .integer("Webhooks", object -> object.at("webhooks").size())
                                .age())
                .defaults(object -> {
                    for (ObjectNode webhook : Json.objects(object.at("webhooks"))) {
                        defaults(webhook, mutates);
                    }
                })
                .withGeneration(
                        (updated, old) -> !updated.at("webhooks").equals(old.at("webhooks")))
                .rules(object -> {
                    Set<String> names = new HashSet<>();
                    object.each("webhooks", webhook -> webhook(webhook, names));
                })
                .build();
    }

    private static void defaults(ObjectNode webhook, boolean mutates) {
        Json.setDefault(webhook, "failurePolicy", "Fail");
        Json.setDefault(webhook, "matchPolicy", "Equivalent");
        Json.setDefault(webhook, "timeoutSeconds", 10);
        Json.object(webhook, "namespaceSelector");
        Json.object(webhook, "objectSelector");
        if (mutates) {
            Json.setDefault(webhook, "reinvocationPolicy", "Never");
        }
        MatchRules.applyDefaults(webhook.path("rules"));
        if (Json.at(webhook, "clientConfig.service") instanceof ObjectNode service) {
            Json.setDefault(service, "port", 443);
        }
    }

    private static void webhook(Check webhook, Set<String> names) {
        String name = webhook.text("name");
        webhook.required("name").unique("name", names);
        if (!name.isEmpty()) {
            webhook.shaped("name", Names::subdomain);
            if (name.chars().filter(c -> c == '.').count() < 2) {
                webhook.invalid(
                        "name",
                        "should be a domain with at least three segments separated by dots");
            }
        }
        webhook.each("rules", rule -> MatchRules.check(rule))
                .supported("failurePolicy", "Fail", "Ignore")
                .supported("matchPolicy", "Equivalent", "Exact")
                .supported("reinvocationPolicy", "IfNeeded", "Never")
                .required("sideEffects", "must specify one of None, NoneOnDryRun")
                .supported("sideEffects", "None", "NoneOnDryRun")
                .selector("namespaceSelector")
                .selector("objectSelector");
        JsonNode timeout = webhook.node().path("timeoutSeconds");
        if (timeout.isNumber() && (timeout.asLong() < 1 || timeout.asLong() > 30)) {
            webhook.invalid("timeoutSeconds", "the timeout value must be between 1 and 30 seconds");
        }
        List<String> versions = Json.texts(webhook.node().path("admissionReviewVersions"));
        webhook.required("admissionReviewVersions", "must specify one of v1, v1beta1");
        if (!versions.isEmpty() && !versions.contains("v1") && !versions.contains("v1beta1")) {
            webhook.invalid("admissionReviewVersions", "must include at least one of v1, v1beta1");
        }
        clientConfig(webhook.in("clientConfig"));
        MatchRules.conditions(webhook);
    }

    private static void clientConfig(Check config) {
        boolean url = config.node().has("url");
        boolean service = config.node().has("service");
        if (url == service) {
            config.add(
                    FieldError.required(
                            config.path(), "exactly one of url or service is required"));
            return;
        }
        if (url) {
            @Nullable String wrong = url(config.text("url"));
            if (wrong != null) {
                config.invalid("url", wrong);
            }
            return;
        }
        Check target = config.in("service");
        target.required("name", "service name is required")
                .required("namespace", "service namespace is required");
        JsonNode port = target.node().path("port");
        if (port.isNumber() && (port.asLong() < 1 || port.asLong() > 65535)) {
            target.invalid("port", "port is not valid: must be between 1 and 65535, inclusive");
        }
        if (target.has("path") && !target.text("path").startsWith("/")) {
            target.invalid("path", "must start with a '/'");
        }
    }

    private static @Nullable String url(String text) {
        String form = "; desired format: https://host[/path]";
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            return "url must be a valid URL: " + e.getReason() + form;
        }
        if (!"https".equals(url.getScheme())) {
            return "'https' is the only allowed URL scheme" + form;
        } else if (url.getHost() == null || url.getHost().isEmpty()) {
            return "host must be specified" + form;
        } else if (url.getUserInfo() != null) {
            return "user information is not permitted in the URL";
        } else if (url.getFragment() != null) {
            return "fragments are not permitted in the URL";
        }
        return url.getQuery() != null ? "query parameters are not permitted in the URL" : null;
    }
}

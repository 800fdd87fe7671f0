package dev.coracle.apiserver.registry.networking;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.LoadBalancers;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Ingresses (networking.k8s.io/v1). */
public final class IngressStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced(
                            "networking.k8s.io",
                            "v1",
                            "Ingress",
                            "ingresses",
                            "io.k8s.api.networking.v1.Ingress")
                    .withShortNames("ing")
                    .with(Subresource.STATUS);

    private static final List<String> PATH_TYPES =
            List.of("Exact", "Prefix", "ImplementationSpecific");

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return new IngressPrinter();
    }

    @Override
    public void prepareForCreate(ApiObject object) {
        object.tree().remove("status");
        object.status().putObject("loadBalancer");
    }

    @Override
    public boolean tracksGeneration() {
        return true;
    }

    @Override
    public List<FieldError> validateStatus(ApiObject updated, ApiObject old) {
        return Check.object(updated, whole -> LoadBalancers.check(whole.in("status.loadBalancer")));
    }

    @Override
    public List<FieldError> validate(ApiObject ingress) {
        List<FieldError> errors = new ArrayList<>();
        JsonNode defaultBackend = ingress.at("spec.defaultBackend");
        List<ObjectNode> rules = Json.objects(ingress.at("spec.rules"));
        if (rules.isEmpty() && defaultBackend.isMissingNode()) {
            errors.add(
                    FieldError.invalid(
                            "spec",
                            ingress.spec(),
                            "either `defaultBackend` or `rules` must be specified"));
        }
        if (defaultBackend.isObject()) {
            backend(defaultBackend, "spec.defaultBackend", errors);
        }
        int i = 0;
        for (ObjectNode rule : rules) {
            rule(rule, "spec.rules[" + i++ + "]", errors);
        }
        errors.addAll(Check.at(ingress.spec(), "spec", IngressStrategy::checkSpec));
        return errors;
    }

    private static void checkSpec(Check spec) {
        spec.shaped("ingressClassName", Names::subdomain);
        spec.each(
                "tls",
                tls -> {
                    tls.shaped("secretName", Names::subdomain);
                    tls.each(
                            "hosts",
                            host -> {
                                @Nullable String wrong = host(host.node().asString(""));
                                if (wrong != null) {
                                    host.invalid(wrong);
                                }
                            });
                });
        spec.each(
                "rules",
                rule -> {
                    if (rule.node().has("http")) {
                        rule.required("http.paths");
                    }
                });
    }

    /** A host may begin with a wildcard label. */
    private static @Nullable String host(String host) {
        if (!host.contains("*")) {
            return Names.subdomain(host);
        }
        return host.startsWith("*.") && Names.subdomain(host.substring(2)) == null
                ? null
                : "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS"
                        + " subdomain, which must consist of lower case alphanumeric characters, '-'"
                        + " or '.' and end with an alphanumeric character (e.g. '*.example.com')";
    }

    private static void rule(ObjectNode rule, String path, List<FieldError> errors) {
        String host = Json.text(rule, "host");
        @Nullable String wrong = host.isEmpty() ? null : host(host);
        if (wrong != null) {
            errors.add(FieldError.invalid(path + ".host", host, wrong));
        } else if (Addresses.parse(host).isPresent()) {
            errors.add(
                    FieldError.invalid(
                            path + ".host", host, "must be a DNS name, not an IP address"));
        }
        if (rule.has("http")) {
            int i = 0;
            for (ObjectNode item : Json.objects(Json.at(rule, "http.paths"))) {
                path(item, path + ".http.paths[" + i++ + "]", errors);
            }
        }
    }

    private static void path(ObjectNode item, String path, List<FieldError> errors) {
        String type = Json.text(item, "pathType");
        String value = Json.text(item, "path");
        if (!type.isEmpty() && !PATH_TYPES.contains(type)) {
            errors.add(FieldError.notSupported(path + ".pathType", type, PATH_TYPES));
        }
        boolean mayBeEmpty = type.equals("ImplementationSpecific") && value.isEmpty();
        if (!mayBeEmpty && !value.startsWith("/")) {
            errors.add(FieldError.invalid(path + ".path", value, "must be an absolute path"));
        }
        if (!type.equals("ImplementationSpecific")) {
            for (String bad : List.of("//", "/./", "/../", "%2f", "%2F")) {
                if (value.contains(bad)) {
                    errors.add(
                            FieldError.invalid(
                                    path + ".path", value, "must not contain '" + bad + "'"));
                }
            }
        }
        backend(item.path("backend"), path + ".backend", errors);
    }

    private static void backend(JsonNode backend, String path, List<FieldError> errors) {
        boolean service = backend.has("service");
        boolean resource = backend.has("resource");
        if (service == resource) {
            errors.add(
                    service
                            ? FieldError.invalid(
                                    path, "", "cannot set both resource and service backends")
                            : FieldError.required(
                                    path, "one of `service` or `resource` must be specified"));
            return;
        }
        if (!service) {
            errors.addAll(
                    Check.at(
                            backend,
                            path,
                            both -> both.in("resource").required("kind").required("name")));
            return;
        }
        String name = Json.text(backend, "service.name");
        if (name.isEmpty()) {
            errors.add(FieldError.required(path + ".service.name", ""));
        }
        String wrong = name.isEmpty() ? null : Names.label1035(name);
        if (wrong != null) {
            errors.add(FieldError.invalid(path + ".service.name", name, wrong));
        }
        JsonNode number = Json.at(backend, "service.port.number");
        boolean named = !Json.text(backend, "service.port.name").isEmpty();
        if (number.asInt(0) == 0 && !named) {
            errors.add(FieldError.required(path, "port name or number is required"));
        } else if (number.asInt(0) != 0 && named) {
            errors.add(FieldError.invalid(path, "", "cannot set both port name & port number"));
        } else if (!named && (number.asInt() < 1 || number.asInt() > 65535)) {
            errors.add(
                    FieldError.invalid(
                            path + ".service.port.number",
                            number,
                            "must be between 1 and 65535, inclusive"));
        }
    }
}

package dev.coracle.apiserver.registry.networking;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.LoadBalancers;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Ingresses (networking.k8s.io/v1). */
public final class IngressStrategy implements ResourceStrategy {

    private static final List<String> PATH_TYPES =
            List.of("Exact", "Prefix", "ImplementationSpecific");

    @Override
    public ResourceDefinition definition() {
        return ResourceDefinition.namespaced(
                        "networking.k8s.io",
                        "v1",
                        "Ingress",
                        "ingresses",
                        "io.k8s.api.networking.v1.Ingress")
                .withShortNames("ing")
                .with(Subresource.STATUS);
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
        return errors;
    }

    private static void rule(ObjectNode rule, String path, List<FieldError> errors) {
        String host = Json.text(rule, "host");
        String plain = host.startsWith("*.") ? host.substring(2) : host;
        if (!host.isEmpty()) {
            String wrong = Names.subdomain(plain);
            if (wrong != null) {
                errors.add(FieldError.invalid(path + ".host", host, wrong));
            } else if (plain.matches("[0-9.]+")) {
                errors.add(
                        FieldError.invalid(
                                path + ".host", host, "must be a DNS name, not an IP address"));
            }
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
            return;
        }
        String name = Json.text(backend, "service.name");
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

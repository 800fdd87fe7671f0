package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A container's probes and hooks. */
final class ProbeRules {

    private static final List<String> HANDLERS = List.of("exec", "httpGet", "tcpSocket", "grpc");
    private static final List<String> HOOK_HANDLERS =
            List.of("exec", "httpGet", "tcpSocket", "sleep");

    private ProbeRules() {}

    static void checkAll(Check container) {
        container.ifPresent("livenessProbe", probe -> probe(probe, true));
        container.ifPresent("readinessProbe", probe -> probe(probe, false));
        container.ifPresent("startupProbe", probe -> probe(probe, true));
        container.ifPresent("lifecycle.postStart", hook -> handler(hook, HOOK_HANDLERS));
        container.ifPresent("lifecycle.preStop", hook -> handler(hook, HOOK_HANDLERS));
    }

    private static void probe(Check probe, boolean onceIsEnough) {
        handler(probe, HANDLERS);
        probe.notNegative("initialDelaySeconds")
                .notNegative("timeoutSeconds")
                .notNegative("periodSeconds")
                .notNegative("successThreshold")
                .notNegative("failureThreshold")
                .positive("terminationGracePeriodSeconds");
        if (onceIsEnough && probe.node().path("successThreshold").asInt(1) != 1) {
            probe.invalid("successThreshold", "must be 1");
        }
    }

    private static void handler(Check place, List<String> kinds) {
        List<String> present = new ArrayList<>(kinds);
        present.removeIf(kind -> !place.node().path(kind).isObject());
        if (present.isEmpty()) {
            place.add(FieldError.required(place.path(), "must specify a handler type"));
        }
        for (String more : present.stream().skip(1).toList()) {
            place.forbidden(more, "may not specify more than 1 handler type");
        }
        place.ifPresent("exec", exec -> exec.required("command"));
        place.ifPresent(
                "httpGet",
                get -> {
                    get.required("path").supported("scheme", "HTTP", "HTTPS");
                    port(get);
                });
        place.ifPresent("tcpSocket", ProbeRules::port);
        place.ifPresent("grpc", grpc -> grpc.port("port"));
    }

    private static void port(Check place) {
        JsonNode port = place.node().path("port");
        if (port.isString()) {
            place.shaped("port", Names::portName);
        } else if (port.isNumber() && (port.asLong() < 1 || port.asLong() > 65535)) {
            place.invalid("port", "must be between 1 and 65535, inclusive");
        }
    }
}

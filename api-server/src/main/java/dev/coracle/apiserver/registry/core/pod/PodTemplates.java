package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Check;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Pod templates, wherever they stand. */
public final class PodTemplates {

    private PodTemplates() {}

    /** Fills the spec of a template, if there is one. */
    public static void applyDefaults(JsonNode template) {
        if (template instanceof ObjectNode present) {
            PodDefaults.apply(Json.object(present, "spec"));
        }
    }

    /** Checks labels, annotations and spec of the template at this place. */
    public static void check(Check template) {
        check(template, Set.of());
    }

    private static void check(Check template, Set<String> moreVolumes) {
        template.labels("metadata.labels");
        if (template.node().path("spec") instanceof ObjectNode spec) {
            template.addAll(PodSpecValidator.validate(spec, template.path("spec"), moreVolumes));
        }
    }

    /**
     * Checks the template of a controller that keeps pods running.
     *
     * @param owner the kind that carries it
     * @param moreVolumes the names of those that it gives each pod itself
     */
    public static void checkAlwaysRunning(Check template, String owner, Set<String> moreVolumes) {
        check(template, moreVolumes);
        if (!template.node().isObject()) {
            return;
        }
        Check spec = template.in("spec");
        spec.supported("restartPolicy", "Always");
        if (spec.has("activeDeadlineSeconds")) {
            spec.forbidden(
                    "activeDeadlineSeconds",
                    "activeDeadlineSeconds in " + owner + " is not Supported");
        }
    }
}

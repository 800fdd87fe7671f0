package dev.coracle.apiserver.registry.core.volume;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Check;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** How volumes may be mounted. */
final class AccessModes {

    private static final Map<String, String> SHORT = new LinkedHashMap<>();

    static {
        SHORT.put("ReadWriteOnce", "RWO");
        SHORT.put("ReadOnlyMany", "ROX");
        SHORT.put("ReadWriteMany", "RWX");
        SHORT.put("ReadWriteOncePod", "RWOP");
    }

    private AccessModes() {}

    /** Checks the member {@code accessModes}. */
    static void check(Check spec) {
        spec.eachSupported("accessModes", SHORT.keySet().toArray(String[]::new));
        List<String> modes = Json.texts(spec.node().path("accessModes"));
        if (modes.contains("ReadWriteOncePod") && modes.size() > 1) {
            spec.forbidden("accessModes", "may not use ReadWriteOncePod with other access modes");
        }
    }

    /** {@code RWO,ROX}. */
    static String print(JsonNode modes) {
        List<String> given = Json.texts(modes);
        List<String> printed = new ArrayList<>();
        SHORT.forEach((mode, text) -> {
            if (given.contains(mode)) {
                printed.add(text);
            }
        });
        return String.join(",", printed);
    }
}

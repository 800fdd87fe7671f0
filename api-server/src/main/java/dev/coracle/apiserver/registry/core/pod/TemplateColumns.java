package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.table.Columns;
import java.util.stream.Collectors;

/** The columns with which kinds that carry a pod template describe it. */
public final class TemplateColumns {

    private TemplateColumns() {}

    /** Adds Containers and Images of the template at {@code path}, for {@code -o wide}. */
    public static Columns wide(Columns columns, String path) {
        return columns.text("Containers", object -> containers(object, path))
                .wide()
                .text("Images", object -> images(object, path))
                .wide();
    }

    public static String containers(ApiObject object, String path) {
        return joined(object, path, "name");
    }

    public static String images(ApiObject object, String path) {
        return joined(object, path, "image");
    }

    private static String joined(ApiObject object, String path, String member) {
        return Json.objects(object.at(path + ".spec.containers")).stream()
                .map(container -> Json.text(container, member))
                .collect(Collectors.joining(","));
    }
}

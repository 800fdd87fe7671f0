package dev.coracle.apiserver.registry.apps;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.table.Columns;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/** ControllerRevisions: a past state of a StatefulSet or DaemonSet, kept for rolling back. */
public final class ControllerRevisions {

    private ControllerRevisions() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                "apps",
                                "v1",
                                "ControllerRevision",
                                "controllerrevisions",
                                "io.k8s.api.apps.v1.ControllerRevision"))
                .printedBy(
                        Columns.named()
                                .text("Controller", ControllerRevisions::controller)
                                .integer("Revision", object -> object.at("revision").asLong(0))
                                .age())
                .defaults(object -> Json.setDefault(object.tree(), "revision", 0))
                .rules(object -> object.given("data", "data is mandatory").notNegative("revision"))
                .immutable("data")
                .build();
    }

    private static String controller(ApiObject object) {
        for (ObjectNode owner : Json.objects(object.at("metadata.ownerReferences"))) {
            if (owner.path("controller").asBoolean(false)) {
                String version = Json.text(owner, "apiVersion");
                int slash = version.indexOf('/');
                return Json.text(owner, "kind").toLowerCase(Locale.ROOT)
                        + (slash < 0 ? "" : "." + version.substring(0, slash))
                        + "/"
                        + Json.text(owner, "name");
            }
        }
        return "<none>";
    }
}

package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.customresource.CustomSchema;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a CRD says of one of its versions.
 *
 * @param storageApiVersion {@code group/version} that objects are stored in
 * @param served whether clients may use it
 * @param selectableFields dotted paths, of this version
 * @param allSelectableFields of all versions
 */
record CustomVersion(
        ResourceDefinition definition,
        boolean served,
        String storageApiVersion,
        String listKind,
        JsonNode columns,
        CustomScale scale,
        String deprecation,
        List<String> selectableFields,
        List<String> allSelectableFields) {

    /** The versions of a CRD, in its order. */
    static List<CustomVersion> all(ApiObject crd) {
        List<ObjectNode> versions = Json.objects(crd.at("spec.versions"));
        String group = crd.text("spec.group");
        String storage = "";
        TreeSet<String> selectable = new TreeSet<>();
        for (ObjectNode version : versions) {
            if (version.path("storage").asBoolean(false)) {
                storage = group + "/" + Json.text(version, "name");
            }
            selectable.addAll(selectable(version));
        }
        List<CustomVersion> all = new ArrayList<>();
        for (ObjectNode version : versions) {
            all.add(
                    new CustomVersion(
                            definition(crd, version),
                            version.path("served").asBoolean(false),
                            storage,
                            crd.text("status.acceptedNames.listKind"),
                            version.path("additionalPrinterColumns"),
                            CustomScale.read(version.path("subresources").path("scale")),
                            deprecation(crd, version),
                            selectable(version),
                            List.copyOf(selectable)));
        }
        return all;
    }

    private static ResourceDefinition definition(ApiObject crd, ObjectNode version) {
        JsonNode names = crd.at("status.acceptedNames");
        GroupVersionKind kind =
                new GroupVersionKind(
                        crd.text("spec.group"),
                        Json.text(version, "name"),
                        Json.text(names, "kind"));
        List<Subresource> subresources = new ArrayList<>();
        if (version.path("subresources").path("status").isObject()) {
            subresources.add(Subresource.STATUS);
        }
        if (version.path("subresources").path("scale").isObject()) {
            subresources.add(Subresource.SCALE);
        }
        return new ResourceDefinition(
                kind,
                Json.text(names, "plural"),
                Json.text(names, "singular"),
                crd.text("spec.scope").equals("Namespaced"),
                Json.texts(names.path("shortNames")),
                Json.texts(names.path("categories")),
                subresources,
                CustomSchema.nameOf(kind),
                ResourceDefinition.ALL_VERBS,
                Json.text(names, "plural") + "." + kind.group());
    }

    private static String deprecation(ApiObject crd, ObjectNode version) {
        if (!version.path("deprecated").asBoolean(false)) {
            return "";
        }
        String warning = Json.text(version, "deprecationWarning");
        return warning.isEmpty()
                ? crd.text("spec.group")
                        + "/"
                        + Json.text(version, "name")
                        + " "
                        + crd.text("spec.names.kind")
                        + " is deprecated"
                : warning;
    }

    private static List<String> selectable(ObjectNode version) {
        return Json.objects(version.path("selectableFields")).stream()
                .map(field -> Json.text(field, "jsonPath").replaceFirst("^\\.", ""))
                .toList();
    }
}

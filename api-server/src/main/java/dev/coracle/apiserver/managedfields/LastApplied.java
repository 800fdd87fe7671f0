package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.managedfields.FieldOwnership.Kind;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * kubectl's annotation of client-side apply. Whoever changes over to {@code apply --server-side}
 * may take the fields that this annotation shows to be kubectl's own, and finds it up to date when
 * changing back.
 */
final class LastApplied {

    static final String MANAGER = "kubectl";

    private static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";
    private static final int MAX_BYTES = 256 * 1024;

    private LastApplied() {}

    /** The paths whose live value is the last applied one. */
    static Set<String> unchanged(FieldWalk walk, ApiObject live, Kind kind) {
        String text = live.annotations().getOrDefault(ANNOTATION, "");
        if (text.isEmpty()) {
            return Set.of();
        }
        try {
            if (Json.MAPPER.readTree(text) instanceof ObjectNode last) {
                FieldSet set = walk.fields(last, kind.schema());
                Comparison change =
                        Comparison.of(walk.catalog(), kind.schema(), last, live.tree(), _ -> false);
                return new TreeSet<>(
                        set.difference(change.modified()).difference(change.removed()).paths());
            }
        } catch (JacksonException _) {
            // an annotation that cannot be read allows nothing
        }
        return Set.of();
    }

    /** Rewrites the annotation, if it is there, to the configuration just applied. */
    static void refresh(ApiObject result, ApiObject applied) {
        if (!result.annotations().containsKey(ANNOTATION)) {
            return;
        }
        ApiObject configuration = applied.copy();
        ObjectNode metadata = configuration.metadata();
        metadata.remove("managedFields");
        if (metadata.path("annotations") instanceof ObjectNode annotations) {
            annotations.remove(ANNOTATION);
        }
        String text = Json.MAPPER.writeValueAsString(configuration.tree()) + "\n";
        Json.object(result.metadata(), "annotations")
                .put(ANNOTATION, text.length() > MAX_BYTES ? "" : text);
    }
}

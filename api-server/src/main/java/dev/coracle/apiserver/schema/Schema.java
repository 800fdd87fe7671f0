package dev.coracle.apiserver.schema;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The shape of one JSON value. */
public sealed interface Schema {

    /** How a strategic merge patch treats a value that is given. */
    default MergeStrategy merge() {
        return MergeStrategy.NONE;
    }

    /** An object with named properties. */
    record Struct(Map<String, Schema> properties, Set<String> required, MergeStrategy merge)
            implements Schema {}

    /** A reference to a definition by its name, resolved by {@link SchemaCatalog#resolve}. */
    record Reference(String name, MergeStrategy merge) implements Schema {}

    record ListOf(Schema items, MergeStrategy merge) implements Schema {}

    record MapOf(Schema values) implements Schema {}

    /** A string, integer, number or boolean; {@code format} as in OpenAPI, or empty. */
    record Scalar(String type, String format) implements Schema {}

    /** A quantity: a string such as {@code 500m}, or a number. */
    record Quantity() implements Schema {}

    /** A value of any shape. */
    record Any() implements Schema {}

    /**
     * The {@code x-kubernetes-patch-*} extensions of a property.
     *
     * @param key the member that identifies a list's items; null for lists of scalars
     */
    record MergeStrategy(boolean merges, boolean retainsKeys, @Nullable String key) {
        public static final MergeStrategy NONE = new MergeStrategy(false, false, null);
    }
}

package dev.coracle.apiserver.schema;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The shape of one JSON value. */
public sealed interface Schema {

    /** How a strategic merge patch treats a value that is given. */
    default MergeStrategy merge() {
        return MergeStrategy.NONE;
    }

    /**
     * An object with named properties.
     *
     * @param atomic whether server-side apply owns it as one
     */
    record Struct(
            Map<String, Schema> properties,
            Set<String> required,
            MergeStrategy merge,
            boolean atomic)
            implements Schema {}

    /** A reference to a definition by its name, resolved by {@link SchemaCatalog#resolve}. */
    record Reference(String name, MergeStrategy merge) implements Schema {}

    record ListOf(Schema items, MergeStrategy merge, ListType type) implements Schema {}

    /** An object whose members all have one shape. */
    record MapOf(Schema values, boolean atomic) implements Schema {}

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

    /** How server-side apply tells the items of a list apart (KEP-555, merge strategy markers). */
    sealed interface ListType {

        /** Not at all: the list is one value. */
        record Atomic() implements ListType {}

        /** Each value is an item of its own. */
        record SetOf() implements ListType {}

        /**
         * By the values of some members.
         *
         * @param keys in the order of the marker
         * @param defaults the values of keys that may be left out
         */
        record MapBy(List<String> keys, Map<String, JsonNode> defaults) implements ListType {}

        ListType ATOMIC = new Atomic();
    }
}

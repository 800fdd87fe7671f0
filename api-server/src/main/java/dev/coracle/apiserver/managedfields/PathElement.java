package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ConcurrentLruCache;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One step of a path into an object, in the notation of {@code fieldsV1}. Ordered by that notation.
 */
sealed interface PathElement extends Comparable<PathElement> {

    /** {@code f:name}, {@code k:{...}}, {@code v:value} or {@code i:number}. */
    String encoded();

    /** As conflicts are reported: {@code .name}, {@code [key="a"]}, {@code [="v"]}. */
    String described();

    @Override
    default int compareTo(PathElement other) {
        return encoded().compareTo(other.encoded());
    }

    /** A member of an object. */
    record FieldName(String name) implements PathElement {
        @Override
        public int compareTo(PathElement other) {
            return other instanceof FieldName(String otherName)
                    ? name.compareTo(otherName)
                    : encoded().compareTo(other.encoded());
        }

        @Override
        public String encoded() {
            return "f:" + name;
        }

        @Override
        public String described() {
            return "." + name;
        }
    }

    /** An item of a list of objects, by its keys in the order of their names. */
    record KeyOf(ObjectNode keys, String encoded) implements PathElement {

        /** The same few keys are in every object of a kind. */
        private static final ConcurrentLruCache<String, KeyOf> KNOWN =
                new ConcurrentLruCache<>(2048, KeyOf::parse);

        private static KeyOf parse(String json) {
            if (Json.MAPPER.readTree(json) instanceof ObjectNode keys) {
                return of(keys);
            }
            throw new StreamReadException("no object: " + json);
        }

        static KeyOf of(ObjectNode keys) {
            return new KeyOf(keys, "k:" + Json.MAPPER.writeValueAsString(keys));
        }

        @Override
        public String described() {
            StringJoiner pairs = new StringJoiner(",", "[", "]");
            keys.properties()
                    .forEach(entry ->
                            pairs.add(
                                    entry.getKey()
                                            + "="
                                            + Json.MAPPER.writeValueAsString(entry.getValue())));
            return pairs.toString();
        }
    }

    /** An item of a set, by its value. */
    record ValueOf(JsonNode value, String encoded) implements PathElement {

        static ValueOf of(JsonNode value) {
            return new ValueOf(value, "v:" + Json.MAPPER.writeValueAsString(value));
        }

        @Override
        public String described() {
            return "[=" + encoded.substring(2) + "]";
        }
    }

    /** An item of a list, by its place. */
    record Index(int index) implements PathElement {
        @Override
        public String encoded() {
            return "i:" + index;
        }

        @Override
        public String described() {
            return "[" + index + "]";
        }
    }

    /**
     * Reads the notation; null for {@code .}, which stands for the item itself.
     *
     * @throws ApiException 400 for anything else
     */
    static @Nullable PathElement parse(String text) {
        if (text.equals(".")) {
            return null;
        }
        String value = text.length() > 2 ? text.substring(2) : "";
        try {
            switch (text.length() >= 2 ? text.substring(0, 2) : "") {
                case "f:" -> {
                    return new FieldName(value);
                }
                case "k:" -> {
                    return KeyOf.KNOWN.get(value);
                }
                case "v:" -> {
                    return ValueOf.of(Json.MAPPER.readTree(value));
                }
                case "i:" -> {
                    return new Index(Integer.parseInt(value));
                }
                default -> {}
            }
        } catch (JacksonException | NumberFormatException _) {
            // refused below
        }
        throw ApiException.badRequest("'" + text + "' is no path element of fieldsV1");
    }
}

package dev.coracle.apiserver.customresource.rule;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.coracle.apiserver.customresource.Structural;
import dev.coracle.apiserver.object.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The CEL types of a schema. Every object with named properties is a type of its own, named by its
 * place.
 */
final class RuleTypes {

    private final Map<String, StructType> structs = new LinkedHashMap<>();

    /**
     * Declares the type of a schema node under {@code name}; null when the schema gives it none.
     */
    @Nullable CelType declare(Structural schema, String name, boolean isResource) {
        if (schema.extensions().intOrString()) {
            return SimpleType.DYN;
        }
        boolean resource = isResource || schema.extensions().embedsResource();
        return switch (schema.type()) {
            case "array" -> {
                CelType items =
                        schema.items() == null
                                ? null
                                : declare(schema.items(), name + ".@idx", false);
                yield items == null ? null : ListType.create(items);
            }
            case "object" -> {
                if (schema.additional() != null) {
                    CelType values = declare(schema.additional(), name + ".@elem", false);
                    yield values == null ? null : MapType.create(SimpleType.STRING, values);
                }
                yield struct(schema, name, resource);
            }
            case "string" -> text(Json.text(schema.source(), "format"));
            case "integer" -> SimpleType.INT;
            case "number" -> SimpleType.DOUBLE;
            case "boolean" -> SimpleType.BOOL;
            default -> null;
        };
    }

    private CelType struct(Structural schema, String name, boolean isResource) {
        Map<String, CelType> fields = new LinkedHashMap<>();
        schema.properties()
                .forEach((property, propertySchema) -> {
                    Optional<String> escaped = PropertyNames.escape(property);
                    if (escaped.isPresent() && !(isResource && property.equals("metadata"))) {
                        CelType type = declare(propertySchema, name + "." + property, false);
                        if (type != null) {
                            fields.put(escaped.get(), type);
                        }
                    }
                });
        if (isResource) {
            fields.put("apiVersion", SimpleType.STRING);
            fields.put("kind", SimpleType.STRING);
            fields.put(
                    "metadata",
                    register(
                            name + ".metadata",
                            Map.of("name", SimpleType.STRING, "generateName", SimpleType.STRING)));
        }
        return register(name, fields);
    }

    private CelType register(String name, Map<String, CelType> fields) {
        ImmutableMap<String, CelType> copy = ImmutableMap.copyOf(fields);
        StructType type =
                StructType.create(
                        name, copy.keySet(), field -> Optional.ofNullable(copy.get(field)));
        structs.put(name, type);
        return type;
    }

    static CelType text(String format) {
        return switch (format) {
            case "byte" -> SimpleType.BYTES;
            case "duration" -> SimpleType.DURATION;
            case "date", "date-time" -> SimpleType.TIMESTAMP;
            default -> SimpleType.STRING;
        };
    }

    /** What is declared so far, for the compiler. */
    CelTypeProvider provider() {
        return new Declared(ImmutableMap.copyOf(structs));
    }

    private record Declared(ImmutableMap<String, StructType> structs) implements CelTypeProvider {

        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.copyOf(structs.values());
        }

        @Override
        public Optional<CelType> findType(String typeName) {
            return Optional.ofNullable(structs.get(typeName));
        }
    }
}

package dev.coracle.apiserver.schema;

import com.google.gson.annotations.SerializedName;
import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.custom.Quantity;
import io.swagger.annotations.ApiModel;
import io.swagger.annotations.ApiModelProperty;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Derives OpenAPI schemas from the official Java client's models, by reflection. */
final class SchemaGenerator {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Map<String, ObjectNode> definitions = new TreeMap<>();
    private final Map<Class<?>, String> names = new LinkedHashMap<>();
    private final Deque<Class<?>> pending = new ArrayDeque<>();

    /**
     * Adds {@code model} and all it refers to, under names that begin with {@code prefix} unless
     * shared.
     */
    void add(Class<?> model, String prefix) throws ReflectiveOperationException {
        name(model, prefix);
        while (!pending.isEmpty()) {
            Class<?> next = pending.pop();
            String nextName = Objects.requireNonNull(names.get(next));
            String home = nextName.substring(0, nextName.lastIndexOf('.') + 1);
            definitions.put(nextName, definition(next, home));
        }
    }

    ObjectNode document() {
        ObjectNode document = JSON.createObjectNode();
        definitions.forEach(document::set);
        return document;
    }

    private ObjectNode definition(Class<?> model, String home) throws ReflectiveOperationException {
        ObjectNode schema = JSON.createObjectNode();
        ApiModel doc = model.getAnnotation(ApiModel.class);
        if (doc != null && !doc.description().isEmpty()) {
            schema.put("description", doc.description());
        }
        schema.put("type", "object");
        ObjectNode properties = JSON.createObjectNode();
        Map<String, Field> fields = new TreeMap<>();
        for (Field field : model.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                fields.put(field.getAnnotation(SerializedName.class).value(), field);
            }
        }
        for (Map.Entry<String, Field> entry : fields.entrySet()) {
            Field field = entry.getValue();
            ObjectNode property = type(field.getGenericType(), home);
            String getter =
                    field.getName().substring(0, 1).toUpperCase(Locale.ROOT)
                            + field.getName().substring(1);
            for (Method method : model.getMethods()) {
                ApiModelProperty text = method.getAnnotation(ApiModelProperty.class);
                if (text != null
                        && method.getName().equals("get" + getter)
                        && !text.value().isEmpty()) {
                    property = described(property, text.value());
                }
            }
            properties.set(entry.getKey(), property);
        }
        if (!properties.isEmpty()) {
            schema.set("properties", properties);
        }
        @SuppressWarnings("unchecked")
        Set<String> required =
                new TreeSet<>((Set<String>) model.getField("openapiRequiredFields").get(null));
        if (!required.isEmpty()) {
            ArrayNode list = schema.putArray("required");
            required.forEach(list::add);
        }
        return schema;
    }

    /** Nothing may stand beside a reference, so it moves into an {@code allOf}. */
    private static ObjectNode described(ObjectNode property, String description) {
        ObjectNode described = property;
        if (property.has("$ref")) {
            described = JSON.createObjectNode();
            described.putArray("allOf").add(property);
        }
        return described.put("description", description);
    }

    private ObjectNode type(Type type, String home) {
        ObjectNode schema = JSON.createObjectNode();
        if (type instanceof ParameterizedType parameterized) {
            Class<?> raw = (Class<?>) parameterized.getRawType();
            Type[] arguments = parameterized.getActualTypeArguments();
            if (Collection.class.isAssignableFrom(raw)) {
                schema.put("type", "array");
                schema.set("items", type(arguments[0], home));
            } else if (Map.class.isAssignableFrom(raw)) {
                schema.put("type", "object");
                schema.set("additionalProperties", type(arguments[1], home));
            } else {
                throw new IllegalStateException("unexpected type " + type);
            }
            return schema;
        }
        Class<?> raw = (Class<?>) type;
        if (raw == String.class) {
            return schema.put("type", "string");
        } else if (raw == Integer.class) {
            return schema.put("type", "integer").put("format", "int32");
        } else if (raw == Long.class) {
            return schema.put("type", "integer").put("format", "int64");
        } else if (raw == Boolean.class) {
            return schema.put("type", "boolean");
        } else if (raw == Double.class) {
            return schema.put("type", "number").put("format", "double");
        } else if (raw == OffsetDateTime.class) {
            return schema.put("type", "string").put("format", "date-time");
        } else if (raw == byte[].class) {
            return schema.put("type", "string").put("format", "byte");
        } else if (raw == Quantity.class) {
            return schema.put("type", "string").put("x-coracle-quantity", true);
        } else if (raw == IntOrString.class) {
            return schema.put("type", "string").put("format", "int-or-string");
        } else if (raw == Object.class) {
            return schema.put("type", "object").put("x-kubernetes-preserve-unknown-fields", true);
        }
        return schema.put("$ref", "#/components/schemas/" + name(raw, home));
    }

    private String name(Class<?> model, String home) {
        String known = names.get(model);
        if (known != null) {
            return known;
        }
        String simple = model.getSimpleName();
        String prefix = home;
        if (META.contains(simple)) {
            prefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";
        } else if (CORE.contains(simple) || home.startsWith("io.k8s.apimachinery")) {
            prefix = "io.k8s.api.core.v1.";
        }
        String name =
                prefix
                        + simple.replaceFirst(
                                "^(Core|Discovery|Events|Authentication|Admissionregistration|Apiextensions"
                                        + "|Flowcontrol|Rbac|Storage)?V[12]",
                                "");
        names.put(model, name);
        pending.push(model);
        return name;
    }

    private static final Set<String> META =
            List.of(
                            "ObjectMeta",
                            "ListMeta",
                            "ManagedFieldsEntry",
                            "OwnerReference",
                            "LabelSelector",
                            "LabelSelectorRequirement",
                            "Condition",
                            "DeleteOptions",
                            "Preconditions",
                            "FieldSelectorRequirement")
                    .stream()
                    .map(name -> "V1" + name)
                    .collect(Collectors.toUnmodifiableSet());

    private static final Set<String> CORE =
            Set.of(
                    "V1PodTemplateSpec",
                    "V1PodSpec",
                    "V1ObjectReference",
                    "V1LocalObjectReference",
                    "V1TypedLocalObjectReference",
                    "V1TopologySelectorTerm",
                    "V1PersistentVolumeClaimSpec");
}

package dev.coracle.apiserver.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A message as the JSON of the same Go value. Field names are the JSON names; the exceptions are
 * here.
 *
 * <p>Go writes a field that is no pointer even when it holds nothing, and the wire does not say
 * which fields are pointers. So empty texts and times are left out, as are the numbers in {@link
 * #UNSET_WHEN_ZERO}; other zeros stay, because {@code replicas: 0} is meant.
 */
final class MessageTree {

    /** Fields whose members stand in JSON where the field itself would: Go's embedded structs. */
    static final Set<String> INLINED =
            Set.of(
                    "Volume.volumeSource",
                    "PersistentVolumeSpec.persistentVolumeSource",
                    "RuleWithOperations.rule",
                    "NamedRuleWithOperations.ruleWithOperations",
                    "Probe.handler",
                    "EphemeralContainer.ephemeralContainerCommon",
                    "IngressRule.ingressRuleValue",
                    "ConfigMapEnvSource.localObjectReference",
                    "ConfigMapKeySelector.localObjectReference",
                    "ConfigMapProjection.localObjectReference",
                    "ConfigMapVolumeSource.localObjectReference",
                    "SecretEnvSource.localObjectReference",
                    "SecretKeySelector.localObjectReference",
                    "SecretProjection.localObjectReference");

    /** Fields whose name in JSON is another one. */
    private static final Map<String, String> RENAMED =
            Map.ofEntries(
                    Map.entry("IngressClassParametersReference.aPIGroup", "apiGroup"),
                    Map.entry("BoundObjectReference.uID", "uid"),
                    Map.entry("MutatingWebhookConfiguration.Webhooks", "webhooks"),
                    Map.entry("ValidatingWebhookConfiguration.Webhooks", "webhooks"),
                    Map.entry("Validation.Expression", "expression"),
                    Map.entry("Variable.Expression", "expression"),
                    Map.entry("Variable.Name", "name"),
                    Map.entry("JSONSchemaProps.ref", "$ref"),
                    Map.entry("JSONSchemaProps.schema", "$schema"),
                    extension("EmbeddedResource", "embedded-resource"),
                    extension("IntOrString", "int-or-string"),
                    extension("ListMapKeys", "list-map-keys"),
                    extension("ListType", "list-type"),
                    extension("MapType", "map-type"),
                    extension("PreserveUnknownFields", "preserve-unknown-fields"),
                    extension("Validations", "validations"));

    /** Numbers that Kubernetes' own JSON leaves out when they are zero, and then defaults. */
    private static final Set<String> UNSET_WHEN_ZERO =
            Set.of(
                    "Probe.timeoutSeconds",
                    "Probe.periodSeconds",
                    "Probe.successThreshold",
                    "Probe.failureThreshold",
                    "ContainerPort.hostPort",
                    "ServicePort.nodePort",
                    "ServiceSpec.healthCheckNodePort",
                    "ObjectMeta.generation");

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private MessageTree() {}

    private static Map.Entry<String, String> extension(String field, String name) {
        return Map.entry("JSONSchemaProps.xKubernetes" + field, "x-kubernetes-" + name);
    }

    /**
     * The object a message stands for.
     *
     * @throws ApiException 400 for a value that JSON cannot hold
     */
    static ObjectNode of(Message message) {
        ObjectNode tree = Json.newObject();
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            String name = field.getContainingType().getName() + "." + field.getName();
            if (INLINED.contains(name)) {
                tree.setAll(of((Message) entry.getValue()));
                continue;
            }
            JsonNode node = field(field, entry.getValue());
            if (node == null
                    || (node.isString() && node.asString().isEmpty())
                    || (UNSET_WHEN_ZERO.contains(name) && node.asLong(1) == 0)) {
                continue;
            }
            tree.set(jsonName(field), node);
        }
        return tree;
    }

    static String jsonName(FieldDescriptor field) {
        String name = field.getContainingType().getName() + "." + field.getName();
        return RENAMED.getOrDefault(name, field.getName());
    }

    /** Null for a message that stands for no value. */
    private static @Nullable JsonNode field(FieldDescriptor field, Object value) {
        if (field.isMapField()) {
            ObjectNode map = Json.newObject();
            for (Object entry : (List<?>) value) {
                Message pair = (Message) entry;
                FieldDescriptor valueField = pair.getDescriptorForType().findFieldByName("value");
                map.set(
                        String.valueOf(get(pair, "key")),
                        single(valueField, pair.getField(valueField)));
            }
            return map;
        }
        if (field.isRepeated()) {
            ArrayNode array = NODES.arrayNode();
            ((List<?>) value).forEach(item -> array.add(single(field, item)));
            return array;
        }
        return single(field, value);
    }

    private static @Nullable JsonNode single(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case INT -> NODES.numberNode((Integer) value);
            case LONG -> NODES.numberNode((Long) value);
            case FLOAT -> NODES.numberNode((Float) value);
            case DOUBLE -> NODES.numberNode((Double) value);
            case BOOLEAN -> NODES.booleanNode((Boolean) value);
            case STRING -> NODES.stringNode((String) value);
            case BYTE_STRING ->
                    NODES.stringNode(
                            Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
            case ENUM -> NODES.stringNode(value.toString());
            case MESSAGE -> message((Message) value);
        };
    }

    /** The messages that JSON writes as one value; any other is an object. */
    private static @Nullable JsonNode message(Message message) {
        return switch (message.getDescriptorForType().getName()) {
            case "Time" -> {
                Instant time = time(message);
                yield time == null ? null : NODES.stringNode(time.toString());
            }
            case "MicroTime" -> {
                Instant time = time(message);
                yield time == null ? null : NODES.stringNode(MICROS.format(time));
            }
            case "Quantity" -> NODES.stringNode((String) get(message, "string"));
            case "IntOrString" ->
                    get(message, "type").equals(1L)
                            ? NODES.stringNode((String) get(message, "strVal"))
                            : NODES.numberNode((Integer) get(message, "intVal"));
            case "FieldsV1" -> document((ByteString) get(message, "Raw"));
            case "RawExtension", "JSON" -> document((ByteString) get(message, "raw"));
            case "JSONSchemaPropsOrBool" -> either(message, "schema", "allows");
            case "JSONSchemaPropsOrArray" -> either(message, "schema", "jSONSchemas");
            case "JSONSchemaPropsOrStringArray" -> either(message, "schema", "property");
            case "ExtraValue", "Verbs" -> {
                FieldDescriptor items = message.getDescriptorForType().findFieldByName("items");
                yield field(items, message.getField(items));
            }
            default -> of(message);
        };
    }

    /** The first field if it is there, else the second. */
    private static @Nullable JsonNode either(Message message, String first, String second) {
        FieldDescriptor chosen = message.getDescriptorForType().findFieldByName(first);
        if (!message.hasField(chosen)) {
            chosen = message.getDescriptorForType().findFieldByName(second);
        }
        return field(chosen, message.getField(chosen));
    }

    /** Null for the empty message, Go's zero time. Whole seconds in meta/v1 Time. */
    private static @Nullable Instant time(Message message) {
        if (message.getAllFields().isEmpty()) {
            return null;
        }
        try {
            return Instant.ofEpochSecond(
                    (Long) get(message, "seconds"),
                    message.getDescriptorForType().getName().equals("Time")
                            ? 0
                            : (Integer) get(message, "nanos"));
        } catch (DateTimeException e) {
            throw ApiException.badRequest("the object provided is unrecognized: " + e.getMessage());
        }
    }

    private static @Nullable JsonNode document(ByteString json) {
        if (json.isEmpty()) {
            return null;
        }
        try {
            return Json.MAPPER.readTree(json.toByteArray());
        } catch (JacksonException e) {
            throw ApiException.badRequest(
                    "the object provided is unrecognized: " + e.getOriginalMessage());
        }
    }

    private static Object get(Message message, String field) {
        return message.getField(message.getDescriptorForType().findFieldByName(field));
    }
}

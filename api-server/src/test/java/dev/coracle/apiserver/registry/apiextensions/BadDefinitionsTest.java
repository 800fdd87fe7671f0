package dev.coracle.apiserver.registry.apiextensions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.coracle.apiserver.customresource.CustomSchema;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.schema.StructuralCheck;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Whatever is written, the answer is a list of errors and never a failure of ours. */
class BadDefinitionsTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final SchemaCatalog CATALOG = SchemaCatalog.load();
    private static final StructuralCheck CHECK = new StructuralCheck(CATALOG);
    private static final CustomResourceDefinitionStrategy STRATEGY =
            new CustomResourceDefinitionStrategy(InstantSource.fixed(Instant.EPOCH));

    private static final String CRD =
            """
            metadata: {name: widgets.example.com, annotations: {a: b}}
            spec:
              group: example.com
              scope: Namespaced
              names: {plural: widgets, kind: Widget, shortNames: [w], categories: [all]}
              conversion: {strategy: None}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    required: [spec]
                    properties:
                      metadata: {type: object, properties: {name: {type: string, maxLength: 5}}}
                      spec:
                        type: object
                        x-kubernetes-validations: [{rule: self.n > 1, message: m, fieldPath: .n, reason: FieldValueInvalid}]
                        oneOf: [{required: [n]}, {properties: {s: {enum: [a]}}}]
                        not: {required: [z]}
                        properties:
                          n: {type: integer, default: 3, minimum: 1, maximum: 9, multipleOf: 1, format: int32}
                          s: {type: string, pattern: '^a', minLength: 1, maxLength: 3, format: date-time, nullable: true}
                          p: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                          l:
                            type: array
                            x-kubernetes-list-type: map
                            x-kubernetes-list-map-keys: [k]
                            minItems: 1
                            items: {type: object, required: [k], properties: {k: {type: string}}}
                          m: {type: object, additionalProperties: {type: boolean}, maxProperties: 2}
                          e: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
                subresources: {status: {}, scale: {specReplicasPath: .spec.n, statusReplicasPath: .status.n}}
                additionalPrinterColumns: [{name: N, type: integer, jsonPath: .spec.n}]
                selectableFields: [{jsonPath: .spec.n}]
            """;

    private static final String WIDGET =
            "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w, labels: {a: b}}, spec: {n: 2,"
                    + " s: a, p: 1, l: [{k: a}, {k: b}], m: {x: true}, e: {apiVersion: v1, kind: Pod,"
                    + " metadata: {name: x}}}}";

    private static final String[] JUNK = {
        "null",
        "true",
        "-1",
        "1.5",
        "1e400",
        "123456789012345678901234567890",
        "\"\"",
        "\"x\"",
        "\".\"",
        "\"[\"",
        "\"self\"",
        "\"$ref\"",
        "[]",
        "[null]",
        "[[]]",
        "{}",
        "{\"\": {}}",
        "{\"type\": \"array\"}",
        "{\"a.b\": 1}",
        "[{\"k\": {}}]",
        "{\"properties\": []}",
        "{\"items\": [1]}",
        "{\"default\": null}"
    };

    private static ObjectNode yaml(String text) {
        return (ObjectNode) Json.MAPPER.readTree(YAML.readTree(text).toString());
    }

    /** Puts junk in the place of some of the nodes. */
    private static ObjectNode spoiled(ObjectNode tree, Random random) {
        List<Runnable> places = new ArrayList<>();
        collect(tree, random, places);
        for (int i = 0; i <= random.nextInt(3); i++) {
            places.get(random.nextInt(places.size())).run();
        }
        return tree;
    }

    private static void collect(JsonNode node, Random random, List<Runnable> places) {
        JsonNode junk = Json.MAPPER.readTree(JUNK[random.nextInt(JUNK.length)]);
        if (node instanceof ObjectNode object) {
            for (String name : List.copyOf(object.propertyNames())) {
                places.add(() -> object.set(name, junk.deepCopy()));
                collect(object.path(name), random, places);
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                int at = i;
                places.add(() -> array.set(at, junk.deepCopy()));
                collect(array.path(i), random, places);
            }
        }
    }

    @Test
    void areAnsweredWithErrors() {
        Random random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            ObjectNode tree = spoiled(yaml(CRD), random);
            String written = tree.toString();
            assertThatCode(() -> write(tree)).as(written).doesNotThrowAnyException();
        }
    }

    /** As a request goes: a wrong type is refused before the rest is looked at. */
    private static void write(ObjectNode tree) {
        if (CHECK.prune(tree, STRATEGY.definition().schema()).mismatch() != null) {
            return;
        }
        ApiObject crd = new ApiObject(tree);
        STRATEGY.applyDefaults(crd);
        STRATEGY.prepareForCreate(crd);
        if (STRATEGY.validateCreate(crd).isEmpty()) {
            JsonNode schema = crd.at("spec.versions").path(0).at("/schema/openAPIV3Schema");
            writeObject(
                    new CustomSchema(
                            new GroupVersionKind("example.com", "v1", "Widget"),
                            (ObjectNode) schema,
                            CHECK),
                    yaml(WIDGET));
        }
    }

    @Test
    void objectsToo() {
        Random random = new Random(2);
        CustomSchema schema =
                new CustomSchema(
                        new GroupVersionKind("example.com", "v1", "Widget"),
                        (ObjectNode) yaml(CRD).at("/spec/versions/0/schema/openAPIV3Schema"),
                        CHECK);
        for (int i = 0; i < 1000; i++) {
            ObjectNode tree = spoiled(yaml(WIDGET), random);
            String written = tree.toString();
            assertThatCode(() -> writeObject(schema, tree)).as(written).doesNotThrowAnyException();
        }
    }

    private static void writeObject(CustomSchema schema, ObjectNode tree) {
        if (schema.prune(tree).mismatch() == null) {
            schema.applyDefaults(tree);
            assertThat(schema.validate(tree, null).toString()).isNotNull();
            assertThat(schema.validate(tree, yaml(WIDGET)).toString()).isNotNull();
        }
    }
}

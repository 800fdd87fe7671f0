package dev.coracle.apiserver.customresource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.schema.StructuralCheck;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class CustomSchemaTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final StructuralCheck METADATA = new StructuralCheck(SchemaCatalog.load());

    private static ObjectNode yaml(String text) {
        return (ObjectNode) Json.MAPPER.readTree(YAML.readTree(text).toString());
    }

    private static CustomSchema schema(String properties) {
        return new CustomSchema(
                new GroupVersionKind("stable.example.com", "v1", "CronTab"),
                yaml("{type: object, properties: {" + properties + "}}"),
                METADATA);
    }

    private static List<String> texts(List<FieldError> errors) {
        return errors.stream().map(FieldError::toString).toList();
    }

    @Nested
    class OnPruning {

        @Test
        void dropsWhatTheSchemaDoesNotName() {
            ObjectNode object =
                    yaml(
                            "{apiVersion: a/v1, kind: B, metadata: {name: x}, spec: {a: 1, b: 2, l: [{c:"
                                    + " 1, d: 2}]}, status: {}}");

            List<String> unknown =
                    schema(
                                    "spec: {type: object, properties: {a: {type: integer}, l: {type:"
                                            + " array, items: {type: object, properties: {c: {type:"
                                            + " integer}}}}}}")
                            .prune(object)
                            .unknown();

            assertThat(unknown).containsExactly("spec.b", "spec.l[0].d", "status");
            assertThat(object)
                    .isEqualTo(
                            yaml(
                                    "{apiVersion: a/v1, kind: B, metadata: {name: x}, spec: {a: 1, l:"
                                            + " [{c: 1}]}}"));
        }

        @Test
        void keepsUnknownFieldsWhereAsked() {
            ObjectNode object = yaml("{spec: {a: {x: 1}, b: {y: 1}}}");

            List<String> unknown =
                    schema(
                                    "spec: {type: object, x-kubernetes-preserve-unknown-fields: true,"
                                            + " properties: {a: {type: object}}}")
                            .prune(object)
                            .unknown();

            assertThat(unknown).containsExactly("spec.a.x");
            assertThat(object).isEqualTo(yaml("{spec: {a: {}, b: {y: 1}}}"));
        }

        @Test
        void looksIntoTheMetadataOfTheObjectAndOfEmbeddedOnes() {
            ObjectNode object =
                    yaml(
                            "{metadata: {name: x, foo: 1}, spec: {template: {apiVersion: v1, kind: Pod,"
                                    + " metadata: {bar: 1}, spec: {}}}}");

            List<String> unknown =
                    schema(
                                    "spec: {type: object, properties: {template: {type: object,"
                                            + " x-kubernetes-embedded-resource: true,"
                                            + " x-kubernetes-preserve-unknown-fields: true}}}")
                            .prune(object)
                            .unknown();

            assertThat(unknown).containsExactly("metadata.foo", "spec.template.metadata.bar");
        }

        @Test
        void namesMetadataOfAWrongType() {
            assertThat(schema("").prune(yaml("{metadata: {labels: {a: 1}}}")).mismatch())
                    .isEqualTo(
                            "json: cannot unmarshal number 1 into field labels.a of type string");
        }
    }

    @Nested
    class OnDefaulting {

        @Test
        void fillsInWhatIsMissingAtEachLevel() {
            ObjectNode object = yaml("{spec: {list: [{}, {a: 5}], map: {x: {}}}}");

            schema(
                            "spec: {type: object, properties: {n: {type: integer, default: 3}, o: {type:"
                                    + " object, default: {}, properties: {p: {type: string, default:"
                                    + " q}}}, list: {type: array, items: {type: object, properties: {a:"
                                    + " {type: integer, default: 1}}}}, map: {type: object,"
                                    + " additionalProperties: {type: object, properties: {b: {type:"
                                    + " boolean, default: true}}}}}}")
                    .applyDefaults(object);

            assertThat(object)
                    .isEqualTo(
                            yaml(
                                    "{spec: {list: [{a: 1}, {a: 5}], map: {x: {b: true}}, n: 3, o: {p:"
                                            + " q}}}"));
        }

        @Test
        void takesANullForMissingUnlessItIsAllowed() {
            ObjectNode object = yaml("{a: null, b: null, c: null}");

            schema(
                            "a: {type: string, default: x}, b: {type: string, nullable: true, default:"
                                    + " x}, c: {type: string}")
                    .applyDefaults(object);

            assertThat(object).isEqualTo(yaml("{a: x, b: null}"));
        }
    }

    @Nested
    class OnValidation {

        @Test
        void findsDuplicatesInSetsAndMaps() {
            CustomSchema schema =
                    schema(
                            "tags: {type: array, x-kubernetes-list-type: set, items: {type: string}},"
                                    + " ports: {type: array, x-kubernetes-list-type: map,"
                                    + " x-kubernetes-list-map-keys: [name], items: {type: object,"
                                    + " properties: {name: {type: string}}}}");

            assertThat(
                            texts(
                                    schema.validate(
                                            yaml(
                                                    "{tags: [a, b, a], ports: [{name: x}, {name: x}]}"),
                                            null)))
                    .containsExactly(
                            "tags[2]: Duplicate value: \"a\"",
                            "ports[1]: Duplicate value: {\"name\":\"x\"}");
        }

        @Test
        void wantsEmbeddedObjectsToSayWhatTheyAre() {
            CustomSchema schema =
                    schema(
                            "t: {type: object, x-kubernetes-embedded-resource: true,"
                                    + " x-kubernetes-preserve-unknown-fields: true}");

            assertThat(texts(schema.validate(yaml("{t: {kind: 'a b'}}"), null)))
                    .hasSize(2)
                    .first()
                    .isEqualTo("t.apiVersion: Required value: must not be empty");
        }

        @Test
        void leavesRulesUncheckedWhenTheShapeIsWrong() {
            CustomSchema schema =
                    schema(
                            "s: {type: object, required: [a], x-kubernetes-validations: [{rule: self.a"
                                    + " > 1}], properties: {a: {type: integer}}}");

            assertThat(texts(schema.validate(yaml("{s: {}}"), null)))
                    .containsExactly(
                            "s.a: Required value",
                            "<nil>: Invalid value: \"null\": some validation rules were not checked"
                                    + " because the object was invalid; correct the existing errors to"
                                    + " complete validation");
        }

        @Test
        void toleratesAnInvalidValueThatTheUpdateLeavesAlone() {
            CustomSchema schema =
                    schema("a: {type: integer, maximum: 5}, b: {type: integer, maximum: 5}");
            ObjectNode old = yaml("{a: 9, b: 9}");

            assertThat(texts(schema.validate(yaml("{a: 9, b: 8}"), old)))
                    .containsExactly(
                            "b: Invalid value: 8: b in body should be less than or equal to 5");
            assertThat(schema.validate(yaml("{a: 9, b: 1}"), old)).isEmpty();
        }

        @Test
        void findsTheItemsOfListsWithKeysAgain() {
            String item =
                    "items: {type: object, properties: {k: {type: string}, n: {type: integer,"
                            + " maximum: 5}}}";
            CustomSchema schema =
                    schema(
                            "keyed: {type: array, x-kubernetes-list-type: map,"
                                    + " x-kubernetes-list-map-keys: [k], "
                                    + item
                                    + "}, plain: {type: array, "
                                    + item
                                    + "}, named: {type: object, additionalProperties: {type: integer,"
                                    + " maximum: 5}}");
            ObjectNode old =
                    yaml(
                            "{keyed: [{k: a, n: 9}, {k: b, n: 9}], plain: [{k: a, n: 9}],"
                                    + " named: {a.b: 9}}");

            assertThat(
                            texts(
                                    schema.validate(
                                            yaml(
                                                    "{keyed: [{k: c, n: 1}, {k: b, n: 8}, {k: a, n: 9}],"
                                                            + " plain: [{k: a, n: 9}, {k: b}],"
                                                            + " named: {a.b: 9, c: 7}}"),
                                            old)))
                    .containsExactly(
                            "keyed[1].n: Invalid value: 8: keyed[1].n in body should be less than or"
                                    + " equal to 5",
                            "plain[0].n: Invalid value: 9: plain[0].n in body should be less than or"
                                    + " equal to 5",
                            "named.c: Invalid value: 7: named.c in body should be less than or equal"
                                    + " to 5");
        }
    }

    @Test
    void tellsServerSideApplyWhatListsAre() {
        Schema.Struct struct =
                schema(
                                "s: {type: array, x-kubernetes-list-type: set, items: {type: string}}, m:"
                                        + " {type: array, x-kubernetes-list-type: map,"
                                        + " x-kubernetes-list-map-keys: [k], items: {type: object,"
                                        + " properties: {k: {type: string, default: x}}}}, a: {type: array,"
                                        + " items: {type: string}}")
                        .struct();

        assertThat(listType(struct, "s")).isInstanceOf(Schema.ListType.SetOf.class);
        assertThat(listType(struct, "m"))
                .isInstanceOfSatisfying(
                        Schema.ListType.MapBy.class,
                        map -> assertThat(map.defaults()).containsKey("k"));
        assertThat(listType(struct, "a")).isEqualTo(Schema.ListType.ATOMIC);
    }

    private static Schema.ListType listType(Schema.Struct struct, String property) {
        return struct.properties().get(property) instanceof Schema.ListOf list
                ? list.type()
                : Schema.ListType.ATOMIC;
    }

    @Test
    void isPublishedWithTheMembersOfEveryObject() {
        assertThat(CustomSchema.nameOf(new GroupVersionKind("stable.example.com", "v1", "CronTab")))
                .isEqualTo("com.example.stable.v1.CronTab");
        assertThat(schema("spec: {type: object}").published().path("properties").propertyNames())
                .containsExactlyInAnyOrder("spec", "apiVersion", "kind", "metadata");
    }
}

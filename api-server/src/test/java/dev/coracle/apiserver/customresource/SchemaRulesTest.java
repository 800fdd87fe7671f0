package dev.coracle.apiserver.customresource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class SchemaRulesTest {

    private static final YAMLMapper YAML = new YAMLMapper();

    private static List<String> errors(String schema) {
        ObjectNode node = (ObjectNode) Json.MAPPER.readTree(YAML.readTree(schema).toString());
        return SchemaRules.check(node, "s").stream().map(FieldError::toString).toList();
    }

    private static String withA(String schema) {
        return "{type: object, properties: {a: " + schema + "}}";
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                argumentSet(
                        "no type", "{}", "s.type: Required value: must not be empty at the root"),
                argumentSet(
                        "no object",
                        "{type: string}",
                        "s.type: Invalid value: \"string\": must be object at the root"),
                argumentSet(
                        "a field without a type",
                        withA("{}"),
                        "s.properties[a].type: Required value: must not be empty for specified object"
                                + " fields"),
                argumentSet(
                        "an unknown type",
                        withA("{type: text}"),
                        "s.properties[a].type: Unsupported value: \"text\": supported values:"
                                + " \"array\", \"boolean\", \"integer\", \"number\", \"object\","
                                + " \"string\""),
                argumentSet(
                        "an array without items",
                        withA("{type: array}"),
                        "s.properties[a].items: Required value: must be specified"),
                argumentSet(
                        "unique items",
                        withA("{type: array, uniqueItems: true, items: {type: string}}"),
                        "s.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true"
                                + " since the runtime complexity becomes quadratic"),
                argumentSet(
                        "a reference",
                        withA("{type: object, $ref: '#/x'}"),
                        "s.properties[a].$ref: Forbidden: $ref is not supported"),
                argumentSet(
                        "a type inside anyOf",
                        withA("{type: string, anyOf: [{type: string}]}"),
                        "s.properties[a].anyOf[0].type: Forbidden: must be empty to be structural"),
                argumentSet(
                        "a field known only inside allOf",
                        withA("{type: object, allOf: [{properties: {b: {minimum: 1}}}]}"),
                        "s.properties[a].properties[b]: Required value: because it is defined in"
                                + " s.properties[a].allOf[0].properties[b]"),
                argumentSet(
                        "metadata with rules of its own",
                        "{type: object, properties: {metadata: {type: object, properties: {labels:"
                                + " {type: object}}}}}",
                        "s.properties[metadata]: Forbidden: must not specify anything other than name"
                                + " and generateName, but metadata is implicitly specified"),
                argumentSet(
                        "both properties and additionalProperties",
                        withA(
                                "{type: object, properties: {b: {type: string}}, additionalProperties:"
                                        + " {type: string}}"),
                        "s.properties[a].additionalProperties: Forbidden: additionalProperties and"
                                + " properties are mutual exclusive"),
                argumentSet(
                        "a bad pattern",
                        withA("{type: string, pattern: '+'}"),
                        "s.properties[a].pattern: Invalid value: \"+\": must be a valid regular"
                                + " expression, but isn't: error parsing regexp: missing argument to"
                                + " repetition operator: `+`"),
                argumentSet(
                        "a default of a wrong type",
                        withA("{type: integer, default: x}"),
                        "s.properties[a].default: Invalid value: \"string\":"
                                + " s.properties[a].default in body must be of type integer: \"string\""),
                argumentSet(
                        "a default that pruning would change",
                        withA("{type: object, default: {x: 1}}"),
                        "s.properties[a].default: Invalid value: {\"x\":1}: must not have unknown"
                                + " fields"),
                argumentSet(
                        "map keys that may be missing",
                        withA(
                                "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys:"
                                        + " [k], items: {type: object, properties: {k: {type: string}}}}"),
                        "s.properties[a].items.properties[k].default: Required value: this property is"
                                + " in x-kubernetes-list-map-keys, so it must have a default or be a"
                                + " required property"),
                argumentSet(
                        "an unknown list type",
                        withA("{type: array, x-kubernetes-list-type: bag, items: {type: string}}"),
                        "s.properties[a].x-kubernetes-list-type: Unsupported value: \"bag\": supported"
                                + " values: \"atomic\", \"set\", \"map\""),
                argumentSet(
                        "an embedded resource without a type",
                        withA(
                                "{x-kubernetes-embedded-resource: true,"
                                        + " x-kubernetes-preserve-unknown-fields: true}"),
                        "s.properties[a].type: Required value: must be object if"
                                + " x-kubernetes-embedded-resource is true"),
                argumentSet(
                        "a rule that does not compile",
                        withA("{type: integer, x-kubernetes-validations: [{rule: self.b}]}"),
                        "s.properties[a].x-kubernetes-validations[0].rule: Invalid value:"
                                + " {\"rule\":\"self.b\"}: compilation failed: ERROR: <input>:1:5: type"
                                + " 'int' does not support field selection\n | self.b\n | ....^"),
                argumentSet(
                        "a rule that is no question",
                        withA("{type: integer, x-kubernetes-validations: [{rule: self + 1}]}"),
                        "s.properties[a].x-kubernetes-validations[0].rule: Invalid value:"
                                + " {\"rule\":\"self + 1\"}: must evaluate to a bool"),
                argumentSet(
                        "oldSelf inside an atomic list",
                        withA(
                                "{type: array, items: {type: integer, x-kubernetes-validations: [{rule:"
                                        + " self >= oldSelf}]}}"),
                        "s.properties[a].items.x-kubernetes-validations[0].rule: Invalid value: \"self"
                                + " >= oldSelf\": oldSelf cannot be used on the uncorrelatable portion of"
                                + " the schema within s.properties[a]"),
                argumentSet(
                        "a field path that leads nowhere",
                        withA(
                                "{type: object, properties: {b: {type: string}},"
                                        + " x-kubernetes-validations: [{rule: 'true', fieldPath: .c}]}"),
                        "s.properties[a].x-kubernetes-validations[0].fieldPath: Invalid value: \".c\":"
                                + " fieldPath must be a valid path"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuses(String schema, String error) {
        assertThat(errors(schema)).containsExactly(error);
    }

    static Stream<Arguments> accepted() {
        return Stream.of(
                argumentSet("an object", "{type: object}"),
                argumentSet(
                        "anything", "{type: object, x-kubernetes-preserve-unknown-fields: true}"),
                argumentSet("int or string", withA("{x-kubernetes-int-or-string: true}")),
                argumentSet(
                        "int or string, said twice",
                        withA(
                                "{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type:"
                                        + " string}]}")),
                argumentSet(
                        "metadata's name",
                        "{type: object, properties: {metadata: {type: object, properties: {name:"
                                + " {type: string, maxLength: 5}}}}}"),
                argumentSet(
                        "a default that its own defaults complete",
                        withA(
                                "{type: object, default: {}, required: [b], properties: {b: {type:"
                                        + " string, default: x}}}")),
                argumentSet(
                        "rules on the root",
                        "{type: object, x-kubernetes-validations: [{rule: self.metadata.name == 'a'}]}"));
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void accepts(String schema) {
        assertThat(errors(schema)).isEmpty();
    }

    private static final String TOO_COSTLY =
            """
            type: object
            properties:
              a:
                type: array
                %s
                items: {type: string, maxLength: 4}
                x-kubernetes-validations: [{rule: "self.all(x, self.exists(y, x == y))"}]
              b:
                type: array
                maxItems: 2000
                items:
                  type: object
                  properties: {n: {type: string, maxLength: 20000}}
                  x-kubernetes-validations: [{rule: "self.n.matches('a')"}]
            """;

    @Test
    void refusesRulesThatMayCostTooMuch() {
        assertThat(errors(TOO_COSTLY.formatted("maxItems: 10")))
                .containsExactly(
                        "s.properties[b].items.x-kubernetes-validations[0].rule: Forbidden: estimated"
                                + " rule cost exceeds budget by factor of 1.6x (try simplifying"
                                + " the rule, or adding maxItems, maxProperties, and maxLength where"
                                + " arrays, maps, and strings are declared)");
    }

    @Test
    void refusesRulesThatTogetherMayCostTooMuch() {
        assertThat(errors(TOO_COSTLY.formatted("")))
                .hasSize(5)
                .anyMatch(error ->
                        error.startsWith(
                                "s.properties[a].x-kubernetes-validations[0].rule: Forbidden: estimated"
                                        + " rule cost exceeds budget by factor of more than 100x"))
                .contains(
                        "s.properties[b].items.x-kubernetes-validations[0].rule: Forbidden:"
                                + " contributed to estimated rule cost total exceeding cost limit for"
                                + " entire OpenAPIv3 schema")
                .anyMatch(error ->
                        error.startsWith(
                                "s: Forbidden: x-kubernetes-validations estimated rule cost total for entire"
                                        + " OpenAPIv3 schema exceeds budget by factor of more than 100x"));
    }
}

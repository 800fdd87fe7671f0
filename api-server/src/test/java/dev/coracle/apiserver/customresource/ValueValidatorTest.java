package dev.coracle.apiserver.customresource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Each schema is that of the property {@code f}; the texts are kube-apiserver's. */
class ValueValidatorTest {

    private static final YAMLMapper YAML = new YAMLMapper();

    private static ObjectNode yaml(String text) {
        return (ObjectNode) Json.MAPPER.readTree(YAML.readTree(text).toString());
    }

    private static List<String> errors(String schema, String value) {
        ValueValidator validator =
                new ValueValidator(yaml("{type: object, properties: {f: " + schema + "}}"));
        return validator.validate(yaml("{f: " + value + "}"), "").stream()
                .map(FieldError::toString)
                .toList();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                argumentSet(
                        "a text for an object",
                        "{type: object}",
                        "x",
                        "f: Invalid value: \"string\": f in body must be of type object: \"string\""),
                argumentSet(
                        "null",
                        "{type: object}",
                        "null",
                        "f: Invalid value: \"null\": f in body must be of type object: \"null\""),
                argumentSet(
                        "a text for a number",
                        "{type: integer}",
                        "x",
                        "f: Invalid value: \"string\": f in body must be of type integer: \"string\""),
                argumentSet(
                        "a fraction for an integer",
                        "{type: integer}",
                        "1.5",
                        "f: Invalid value: \"number\": f in body must be of type integer: \"number\""),
                argumentSet(
                        "neither int nor string",
                        "{x-kubernetes-int-or-string: true}",
                        "true",
                        "f: Invalid value: \"boolean\": f in body must be of type integer,string:"
                                + " \"boolean\""),
                argumentSet(
                        "outside of an enum of numbers",
                        "{type: integer, enum: [1, 2]}",
                        "3",
                        "f: Unsupported value: 3: supported values: \"1\", \"2\""),
                argumentSet(
                        "outside of an enum",
                        "{type: string, enum: [a, b]}",
                        "c",
                        "f: Unsupported value: \"c\": supported values: \"a\", \"b\""),
                argumentSet(
                        "too great",
                        "{type: integer, maximum: 10}",
                        "11",
                        "f: Invalid value: 11: f in body should be less than or equal to 10"),
                argumentSet(
                        "at an exclusive limit",
                        "{type: number, minimum: 1.5, exclusiveMinimum: true}",
                        "1.5",
                        "f: Invalid value: 1.5: f in body should be greater than 1.5"),
                argumentSet(
                        "no multiple",
                        "{type: integer, multipleOf: 5}",
                        "11",
                        "f: Invalid value: 11: f in body should be a multiple of 5"),
                argumentSet(
                        "too long",
                        "{type: string, maxLength: 2}",
                        "abc",
                        "f: Too long: may not be more than 2 bytes"),
                argumentSet(
                        "too short",
                        "{type: string, minLength: 2}",
                        "a",
                        "f: Invalid value: \"a\": f in body should be at least 2 chars long"),
                argumentSet(
                        "no match",
                        "{type: string, pattern: '^[0-9]+$'}",
                        "a1",
                        "f: Invalid value: \"a1\": f in body should match '^[0-9]+$'"),
                argumentSet(
                        "no time",
                        "{type: string, format: date-time}",
                        "yesterday",
                        "f: Invalid value: \"yesterday\": f in body must be of type date-time:"
                                + " \"yesterday\""),
                argumentSet(
                        "too many items",
                        "{type: array, maxItems: 2, items: {type: string}}",
                        "[a, b, c]",
                        "f: Too many: 3: must have at most 2 items"),
                argumentSet(
                        "too few items",
                        "{type: array, minItems: 2, items: {type: string}}",
                        "[a]",
                        "f: Invalid value: 1: f in body should have at least 2 items"),
                argumentSet(
                        "an item",
                        "{type: array, items: {type: string}}",
                        "[a, 1]",
                        "f[1]: Invalid value: \"integer\": f[1] in body must be of type string:"
                                + " \"integer\""),
                argumentSet(
                        "too many properties",
                        "{type: object, maxProperties: 1, additionalProperties: {type: string}}",
                        "{a: a, b: b}",
                        "f: Too many: 2: must have at most 1 item"),
                argumentSet(
                        "a map's value",
                        "{type: object, additionalProperties: {type: string}}",
                        "{a: 1}",
                        "f.a: Invalid value: \"integer\": f.a in body must be of type string:"
                                + " \"integer\""),
                argumentSet(
                        "a missing property",
                        "{type: object, required: [a], properties: {a: {type: string}}}",
                        "{}",
                        "f.a: Required value"),
                argumentSet(
                        "what not forbids",
                        "{type: string, not: {enum: [a]}}",
                        "a",
                        "<nil>: Invalid value: \"\": \"f\" must not validate the schema (not)"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuses(String schema, String value, String error) {
        assertThat(errors(schema, value)).containsExactly(error);
    }

    static Stream<Arguments> junctors() {
        return Stream.of(
                argumentSet(
                        "anyOf",
                        "{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}",
                        "true",
                        List.of(
                                "f: Invalid value: \"boolean\": f in body must be of type"
                                        + " integer,string: \"boolean\"",
                                "<nil>: Invalid value: \"\": \"f\" must validate at least one schema"
                                        + " (anyOf)",
                                "f: Invalid value: \"boolean\": f in body must be of type integer:"
                                        + " \"boolean\"")),
                argumentSet(
                        "oneOf, none",
                        "{type: object, oneOf: [{required: [a]}, {required: [b]}]}",
                        "{}",
                        List.of(
                                "<nil>: Invalid value: \"\": \"f\" must validate one and only one"
                                        + " schema (oneOf). Found none valid",
                                "f.a: Required value")),
                argumentSet(
                        "oneOf, both",
                        "{type: object, oneOf: [{required: [a]}, {required: [b]}]}",
                        "{a: 1, b: 1}",
                        List.of(
                                "<nil>: Invalid value: \"\": \"f\" must validate one and only one"
                                        + " schema (oneOf). Found 2 valid alternatives")),
                argumentSet(
                        "allOf",
                        "{type: integer, allOf: [{minimum: 2}, {maximum: 5}]}",
                        "1",
                        List.of(
                                "f: Invalid value: 1: f in body should be greater than or equal to 2",
                                "<nil>: Invalid value: \"\": \"f\" must validate all the schemas"
                                        + " (allOf)")));
    }

    @ParameterizedTest
    @MethodSource("junctors")
    void refusesWhatNoAlternativeTakes(String schema, String value, List<String> errors) {
        assertThat(errors(schema, value)).containsExactlyElementsOf(errors);
    }

    static Stream<Arguments> accepted() {
        return Stream.of(
                argumentSet("null where it may be", "{type: object, nullable: true}", "null"),
                argumentSet("a whole number as 2.0", "{type: integer}", "2.0"),
                argumentSet("an integer as a number", "{type: number}", "2"),
                argumentSet("anything without a type", "{nullable: true}", "[1]"),
                argumentSet("an unknown format", "{type: string, format: what}", "x"),
                argumentSet("characters, not bytes", "{type: string, maxLength: 2}", "äö"),
                argumentSet(
                        "a time", "{type: string, format: date-time}", "'2024-01-01T00:00:00Z'"),
                argumentSet("a duration", "{type: string, format: duration}", "1h5m"),
                argumentSet("an address", "{type: string, format: ipv6}", "'::1'"),
                argumentSet("a range", "{type: string, format: cidr}", "10.0.0.0/8"),
                argumentSet("bytes", "{type: string, format: byte}", "aGk="));
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void accepts(String schema, String value) {
        assertThat(errors(schema, value)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ipv4: 300.1.1.1",
                "ipv6: 1.2.3.4",
                "cidr: 10.0.0.0/40",
                "date: 2024-13-01",
                "duration: 5 apples",
                "uuid: x",
                "email: x",
                "mac: 00-00",
                "byte: '*'",
                "uri: ' '"
            })
    void refusesWhatIsNotOfItsFormat(String formatAndValue) {
        int colon = formatAndValue.indexOf(':');
        String schema = "{type: string, format: " + formatAndValue.substring(0, colon) + "}";

        assertThat(
                        errors(
                                schema,
                                "'"
                                        + formatAndValue
                                                .substring(colon + 1)
                                                .strip()
                                                .replace("'", "")
                                        + "'"))
                .hasSize(1);
    }
}

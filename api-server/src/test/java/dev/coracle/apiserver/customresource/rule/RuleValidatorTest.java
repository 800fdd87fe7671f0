package dev.coracle.apiserver.customresource.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class RuleValidatorTest {

    private static final YAMLMapper YAML = new YAMLMapper();

    private static final String PROPERTIES =
            """
            type: object
            properties:
              spec:
                type: object
                x-kubernetes-validations: [%s]
                properties:
                  replicas: {type: integer}
                  max: {type: integer}
                  weight: {type: number}
                  color: {type: string}
                  namespace: {type: string}
                  a-b: {type: string}
                  port: {x-kubernetes-int-or-string: true}
                  since: {type: string, format: date-time}
                  wait: {type: string, format: duration}
                  tags: {type: array, items: {type: string}}
                  numbers: {type: array, items: {type: integer}}
                  labels: {type: object, additionalProperties: {type: string}}
                  nested: {type: object, properties: {on: {type: boolean}}}
                  template:
                    type: object
                    x-kubernetes-embedded-resource: true
                    x-kubernetes-preserve-unknown-fields: true
            """;

    private static ObjectNode yaml(String text) {
        return (ObjectNode) Json.MAPPER.readTree(YAML.readTree(text).toString());
    }

    private static List<String> errors(String schema, String object, @Nullable String old) {
        return RuleValidator.compile(yaml(schema))
                .validate(yaml(object), old == null ? null : yaml(old))
                .stream()
                .map(FieldError::toString)
                .toList();
    }

    private static String withRule(String rule) {
        return PROPERTIES.formatted("{rule: \"" + rule + "\"}");
    }

    static Stream<Arguments> holds() {
        return Stream.of(
                argumentSet("numbers", "self.replicas <= self.max", "{replicas: 1, max: 2}"),
                argumentSet("a double", "self.weight > 0.5 && self.weight < 2", "{weight: 1}"),
                argumentSet("has", "!has(self.color) || self.color == 'red'", "{}"),
                argumentSet("a keyword", "self.__namespace__ == 'x'", "{namespace: x}"),
                argumentSet("a dash", "self.a__dash__b == 'x'", "{a-b: x}"),
                argumentSet("an int", "type(self.port) == int && self.port > 1", "{port: 8}"),
                argumentSet("or a string", "type(self.port) == string", "{port: http}"),
                argumentSet(
                        "a time",
                        "self.since > timestamp('2020-01-01T00:00:00Z')",
                        "{since: '2021-01-01T00:00:00Z'}"),
                argumentSet("a duration", "self.wait == duration('90m')", "{wait: 1h30m}"),
                argumentSet("all", "self.tags.all(t, t.startsWith('a'))", "{tags: [a, ab]}"),
                argumentSet("exists_one", "self.tags.exists_one(t, t == 'a')", "{tags: [a, b]}"),
                argumentSet(
                        "map and size", "size(self.tags.map(t, t + 'x')) == 2", "{tags: [a, b]}"),
                argumentSet(
                        "a map",
                        "self.labels['a'] == 'b' && 'a' in self.labels",
                        "{labels: {a: b}}"),
                argumentSet(
                        "all keys", "self.labels.all(k, self.labels[k] != '')", "{labels: {a: b}}"),
                argumentSet("nested", "self.nested.on", "{nested: {on: true}}"),
                argumentSet("matches", "self.color.matches('^r[a-z]+$')", "{color: red}"),
                argumentSet(
                        "string functions",
                        "self.color.lowerAscii().split('-').size() == 2",
                        "{color: A-B}"),
                argumentSet("optional", "self.?color.orValue('red') == 'red'", "{}"),
                argumentSet("sets", "sets.contains(self.tags, ['a'])", "{tags: [a, b]}"),
                argumentSet("find", "'a12b3'.find('[0-9]+') == '12'", "{}"),
                argumentSet("findAll", "'a12b3'.findAll('[0-9]+') == ['12', '3']", "{}"),
                argumentSet(
                        "format",
                        "'%s is %d'.format([self.color, 3]) == 'red is 3'",
                        "{color: red}"),
                argumentSet(
                        "isSorted",
                        "self.numbers.isSorted() && !['b', 'a'].isSorted()",
                        "{numbers: [1, 2]}"),
                argumentSet(
                        "sum, min and max",
                        "self.numbers.sum() == 6 && self.numbers.min() == 1 && self.numbers.max() == 3",
                        "{numbers: [1, 2, 3]}"),
                argumentSet(
                        "indexOf",
                        "self.tags.indexOf('b') == 1 && 'ab'.indexOf('b') == 1",
                        "{tags: [a, b, b]}"),
                argumentSet("lastIndexOf", "self.tags.lastIndexOf('b') == 2", "{tags: [a, b, b]}"),
                argumentSet(
                        "a url",
                        "isURL(self.color) && url(self.color).getHost() == 'a.b:80' &&"
                                + " url(self.color).getQuery()['x'] == ['1']",
                        "{color: 'http://a.b:80/c?x=1'}"),
                argumentSet(
                        "a quantity",
                        "quantity(self.color).isLessThan(quantity('1')) && isQuantity('1Gi') &&"
                                + " quantity('1k').asInteger() == 1000 && quantity('1') =="
                                + " quantity('1000m') && quantity('1').add(2).compareTo(quantity('3')) =="
                                + " 0",
                        "{color: 500m}"),
                argumentSet(
                        "an address",
                        "ip('::1').isLoopback() && ip('10.0.0.1').family() == 4 && isIP('1.2.3.4') &&"
                                + " !isIP('x') && ip.isCanonical('2001:db8::1')",
                        "{}"),
                argumentSet(
                        "a range",
                        "cidr('10.0.0.0/8').containsIP('10.2.3.4') &&"
                                + " !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1')) &&"
                                + " cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') &&"
                                + " string(cidr('10.1.2.3/8').masked()) == '10.0.0.0/8'",
                        "{}"),
                argumentSet("two variables", "self.labels.all(k, v, k != v)", "{labels: {a: b}}"),
                argumentSet(
                        "an embedded object's name",
                        "self.template.metadata.name == 'x'",
                        "{template: {apiVersion: v1, kind: X, metadata: {name: x}}}"));
    }

    @ParameterizedTest
    @MethodSource("holds")
    void passes(String rule, String spec) {
        assertThat(errors(withRule(rule), "spec: " + spec, null)).isEmpty();
    }

    static Stream<Arguments> fails() {
        return Stream.of(
                argumentSet(
                        "the rule is its message",
                        "{rule: self.replicas <= 3}",
                        "{replicas: 4}",
                        "spec: Invalid value: \"object\": failed rule: self.replicas <= 3"),
                argumentSet(
                        "a message",
                        "{rule: self.replicas <= 3, message: too many}",
                        "{replicas: 4}",
                        "spec: Invalid value: \"object\": too many"),
                argumentSet(
                        "a message expression",
                        "{rule: self.replicas <= 3, messageExpression: \"'not ' + string(self.replicas)\"}",
                        "{replicas: 4}",
                        "spec: Invalid value: \"object\": not 4"),
                argumentSet(
                        "a reason and a field",
                        "{rule: self.replicas <= 3, message: no, reason: FieldValueForbidden, fieldPath: .replicas}",
                        "{replicas: 4}",
                        "spec.replicas: Forbidden: no"),
                argumentSet(
                        "a missing key",
                        "{rule: self.color == 'x'}",
                        "{}",
                        "spec: Invalid value: \"object\": no such key: color evaluating rule: self.color == 'x'"),
                argumentSet(
                        "division by zero",
                        "{rule: 1 / self.replicas > 0}",
                        "{replicas: 0}",
                        "spec: Invalid value: \"object\": division by zero evaluating rule: 1 / self.replicas > 0"));
    }

    @ParameterizedTest
    @MethodSource("fails")
    void refuses(String rule, String spec, String error) {
        assertThat(errors(PROPERTIES.formatted(rule), "spec: " + spec, null))
                .containsExactly(error);
    }

    @Test
    void evaluatesTransitionRulesOnlyWhenThereIsAnOldValue() {
        String schema =
                "type: object\nproperties:\n  color: {type: string, x-kubernetes-validations: [{rule:"
                        + " self == oldSelf}]}";

        assertThat(errors(schema, "color: red", null)).isEmpty();
        assertThat(errors(schema, "color: red", "color: red")).isEmpty();
        assertThat(errors(schema, "color: red", "color: blue"))
                .containsExactly("color: Invalid value: \"string\": failed rule: self == oldSelf");
    }

    @Test
    void findsTheOldItemOfAMapList() {
        String schema =
                """
                type: object
                properties:
                  items:
                    type: array
                    x-kubernetes-list-type: map
                    x-kubernetes-list-map-keys: [name]
                    items:
                      type: object
                      properties:
                        name: {type: string}
                        size: {type: integer, x-kubernetes-validations: [{rule: self >= oldSelf}]}
                """;

        assertThat(
                        errors(
                                schema,
                                "items: [{name: b, size: 1}, {name: a, size: 3}]",
                                "items: [{name: a, size: 2}, {name: b, size: 2}]"))
                .containsExactly(
                        "items[0].size: Invalid value: \"integer\": failed rule: self >= oldSelf");
    }

    @Test
    void givesOldSelfAsAnOptionalWhenAsked() {
        String schema =
                "type: object\nproperties:\n  n: {type: integer, x-kubernetes-validations: [{rule:"
                        + " 'oldSelf.orValue(0) <= self', optionalOldSelf: true}]}";

        assertThat(errors(schema, "n: -1", null)).hasSize(1);
        assertThat(errors(schema, "n: 1", "n: 2")).hasSize(1);
        assertThat(errors(schema, "n: 2", "n: 1")).isEmpty();
    }

    @Test
    void toleratesAnOldViolationThatTheUpdateLeavesAlone() {
        String schema =
                "type: object\nproperties:\n  n: {type: integer, x-kubernetes-validations: [{rule:"
                        + " self > 5}]}\n  m: {type: integer}";

        assertThat(errors(schema, "{n: 1, m: 2}", "{n: 1, m: 1}")).isEmpty();
        assertThat(errors(schema, "{n: 2, m: 2}", "{n: 1, m: 1}")).hasSize(1);
    }

    @Test
    void stopsWhenARuleCostsTooMuch() {
        String list = String.join(",", java.util.Collections.nCopies(400, "1"));
        String rule =
                "self.numbers.all(a, self.numbers.all(b, self.numbers.all(c, a + b + c > 0)))";

        assertThat(errors(withRule(rule), "spec: {numbers: [" + list + "]}", null))
                .singleElement()
                .asString()
                .contains("actual cost limit exceeded");
    }
}

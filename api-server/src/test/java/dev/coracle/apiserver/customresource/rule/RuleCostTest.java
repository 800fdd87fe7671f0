package dev.coracle.apiserver.customresource.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.coracle.apiserver.customresource.Structural;
import dev.coracle.apiserver.object.Json;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The costs are those that Kubernetes' own tests of its estimate expect. */
class RuleCostTest {

    private static final String NUMBERS = "{type: array, items: {type: number}}";
    private static final String TEXTS = "{type: array, items: {type: string}}";
    private static final String MAP = "{type: object, additionalProperties: {type: %s}}";
    private static final String TIMES = "{type: array, items: {type: string, format: %s}}";
    private static final String OBJECTS =
            "{type: object, additionalProperties: {type: object, required: [required],"
                    + " properties: {required: {type: string}, optional: {type: string}}}}";

    static Stream<Arguments> costs() {
        return Stream.of(
                arguments(NUMBERS, "self.all(x, true)", 4_718_591L),
                arguments(limited(NUMBERS, "maxItems: 10"), "self.all(x, true)", 32L),
                arguments(TEXTS, "self.all(x, true)", 3_145_727L),
                arguments("{type: array, items: {type: boolean}}", "self.all(x, true)", 1_887_437L),
                arguments(MAP.formatted("number"), "self.all(x, true)", 1_348_169L),
                arguments(
                        limited(MAP.formatted("number"), "maxProperties: 10"),
                        "self.all(x, true)",
                        32L),
                arguments(MAP.formatted("string"), "self.all(x, true)", 1_179_647L),
                arguments(OBJECTS, "self.all(x, true)", 428_963L),
                arguments("{type: string}", "self.contains('test')", 314_574L),
                arguments("{type: string, maxLength: 10}", "self.contains('test')", 5L),
                arguments("{type: string}", "self.startsWith('test')", 2L),
                arguments("{type: string}", "size(self + \"hello\") > size(\"hello\")", 314_578L),
                arguments(NUMBERS, "self[1] == 0.0", 2L),
                arguments(TEXTS, "self[1] == self[1]", 314_577L),
                arguments(
                        limited(NUMBERS, "maxItems: 10"),
                        "self.all(x, self.all(y, self.all(z, true)))",
                        3552L),
                arguments("{type: string}", "self.matches(\"x\")", 314_574L),
                arguments("{type: string, maxLength: 50}", "self.matches(\"x\")", 22L),
                arguments("{type: string}", "\"\".matches(\"(((((((((())))))))))[0-9]\")", 7L),
                arguments("{type: string, maxLength: 0}", "self == \"x\"", 1L),
                arguments(NUMBERS, "self.all(x, x == 0.0)", 6_291_454L),
                arguments(
                        "{type: array, items: {x-kubernetes-int-or-string: true}}",
                        "self[0] == 5",
                        3L),
                arguments(TIMES.formatted("duration"), "self.all(x, true)", 2_359_295L),
                arguments(TIMES.formatted("duration"), "self[0].getHours() == 2", 4L),
                arguments(TIMES.formatted("date"), "self.all(x, true)", 725_936L),
                arguments(TIMES.formatted("date-time"), "self.all(x, true)", 428_963L),
                arguments(
                        "{type: object, additionalProperties: {type: string, format: date-time}}",
                        "self[\"a\"] == self[\"b\"]",
                        8L),
                arguments(MAP.formatted("integer"), "oldSelf.size() == self.size()", 5L),
                arguments("{type: string}", "self.find('[0-9]+') == ''", 629_147L),
                arguments(TEXTS, "self.join(' ') == 'aa bb'", 329_853_068_905L),
                arguments(
                        "{type: array, maxItems: 10, items: {type: string, maxLength: 10}}",
                        "self.join(' ') == 'aa bb'",
                        43L),
                arguments(TEXTS, "self.isSorted() == true", 329_854_432_052L),
                arguments(
                        "{type: object, properties: {str: {type: string}, before: {type: string,"
                                + " maxLength: 2}, after: {type: string, maxLength: 4}}}",
                        "self.str.replace(self.before, self.after) == 'does not matter'",
                        629_154L),
                arguments(
                        "{type: object, properties: {str: {type: string, maxLength: 10},"
                                + " separator: {type: string}}}",
                        "self.str.split(self.separator) == []",
                        22L),
                arguments("{type: string}", "self.lowerAscii() == 'lower!'", 314_575L),
                arguments("{type: string, enum: [A, B, C, LongValue]}", "self.contains('A')", 2L));
    }

    private static String limited(String schema, String limit) {
        return "{" + limit + ", " + schema.substring(1);
    }

    @ParameterizedTest
    @MethodSource("costs")
    void costsWhatKubernetesSays(String schema, String rule, long cost) {
        ObjectNode node =
                (ObjectNode) Json.MAPPER.readTree(new YAMLMapper().readTree(schema).toString());
        RuleCompiler.Compiled compiled =
                new RuleCompiler(Structural.read(node), false)
                        .compile(new Rule(rule, "", "", "", "", false));

        assertThat(compiled.error()).isEmpty();
        assertThat(compiled.cost()).isEqualTo(cost);
    }
}

package dev.coracle.apiserver.customresource;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class JsonPathTest {

    private static final JsonNode OBJECT =
            Json.MAPPER.readTree(
                    """
                    {"spec": {"n": 3, "a.b": "dotted", "list": [{"x": 1}, {"x": 2}]},
                     "status": {"conditions": [{"type": "Ready", "status": "True"},
                                               {"type": "Other", "status": "False"}]}}
                    """);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ".spec.n | [3]",
                ".spec.missing | []",
                ".spec.list[1].x | [2]",
                ".spec.list[-1].x | [2]",
                ".spec.list[*].x | [1, 2]",
                ".spec['a.b'] | [\"dotted\"]",
                ".spec.a\\.b | [\"dotted\"]",
                ".status.conditions[?(@.type==\"Ready\")].status | [\"True\"]",
                ".status.conditions[?(@.type != 'Ready')].status | [\"False\"]"
            })
    void finds(String path, String found) {
        assertThat(JsonPath.parse(path).orElseThrow().find(OBJECT).toString()).isEqualTo(found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"spec", ".spec[", ".spec..x", ".spec[?(x)]"})
    void doesNotUnderstand(String path) {
        assertThat(JsonPath.parse(path)).isEmpty();
    }
}

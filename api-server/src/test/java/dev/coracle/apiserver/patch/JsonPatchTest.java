package dev.coracle.apiserver.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The examples of RFC 6902, appendix A, that fit objects. */
class JsonPatchTest {

    private static JsonNode json(String text) {
        return Json.MAPPER.readTree(text.replace('\'', '"'));
    }

    private static JsonNode patched(String original, String patch) {
        return JsonPatch.parse(json(patch)).applyTo((ObjectNode) json(original));
    }

    static Stream<Arguments> examples() {
        return Stream.of(
                argumentSet(
                        "A.1 adds a member",
                        "{'foo':'bar'}",
                        "[{'op':'add','path':'/baz','value':'qux'}]",
                        "{'baz':'qux','foo':'bar'}"),
                argumentSet(
                        "A.2 adds an array element",
                        "{'foo':['bar','baz']}",
                        "[{'op':'add','path':'/foo/1','value':'qux'}]",
                        "{'foo':['bar','qux','baz']}"),
                argumentSet(
                        "A.3 removes a member",
                        "{'baz':'qux','foo':'bar'}",
                        "[{'op':'remove','path':'/baz'}]",
                        "{'foo':'bar'}"),
                argumentSet(
                        "A.5 replaces a value",
                        "{'baz':'qux','foo':'bar'}",
                        "[{'op':'replace','path':'/baz','value':'boo'}]",
                        "{'baz':'boo','foo':'bar'}"),
                argumentSet(
                        "A.6 moves a value",
                        "{'foo':{'bar':'baz','waldo':'fred'},'qux':{'corge':'grault'}}",
                        "[{'op':'move','from':'/foo/waldo','path':'/qux/thud'}]",
                        "{'foo':{'bar':'baz'},'qux':{'corge':'grault','thud':'fred'}}"),
                argumentSet(
                        "A.14 reads escaped pointers",
                        "{'/':9,'~1':10}",
                        "[{'op':'test','path':'/~01','value':10}]",
                        "{'/':9,'~1':10}"),
                argumentSet(
                        "A.16 appends with a dash",
                        "{'foo':['bar']}",
                        "[{'op':'add','path':'/foo/-','value':['abc','def']}]",
                        "{'foo':['bar',['abc','def']]}"));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void follows(String original, String patch, String expected) {
        assertThat(patched(original, patch)).isEqualTo(json(expected));
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                argumentSet(
                        "A.9 a failed test",
                        "{'baz':'qux'}",
                        "[{'op':'test','path':'/baz','value':'bar'}]",
                        "testing value failed"),
                argumentSet(
                        "A.12 no such parent",
                        "{'foo':'bar'}",
                        "[{'op':'add','path':'/baz/bat','value':'qux'}]",
                        "/baz/bat"),
                argumentSet(
                        "an index beyond the end",
                        "{'foo':['bar']}",
                        "[{'op':'replace','path':'/foo/7','value':1}]",
                        "no index \"7\""),
                argumentSet(
                        "an unknown operation",
                        "{}",
                        "[{'op':'frob','path':'/a'}]",
                        "unknown JSON patch operation \"frob\""),
                argumentSet("no value", "{}", "[{'op':'add','path':'/a'}]", "has no value"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refuses(String original, String patch, String message) {
        assertThatThrownBy(() -> patched(original, patch))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining(message);
    }
}

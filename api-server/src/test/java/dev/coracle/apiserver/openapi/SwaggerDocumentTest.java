package dev.coracle.apiserver.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.BuiltInResources;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class SwaggerDocumentTest {

    private static final ObjectNode CUSTOM =
            (ObjectNode)
                    Json.MAPPER.readTree(
                            """
                            {"info": {}, "paths": {}, "components": {"schemas": {"com.example.v1.Foo": {
                              "type": "object",
                              "x-kubernetes-group-version-kind": [{"kind": "Foo"}],
                              "properties": {
                                "metadata": {"description": "d", "allOf": [{"$ref": "#/components/schemas/Meta"}]},
                                "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true,
                                        "properties": {"x": {"type": "string"}}},
                                "all": {"type": "array", "x-kubernetes-preserve-unknown-fields": true,
                                        "items": {"type": "string"}},
                                "either": {"oneOf": [{"type": "string"}], "x-kubernetes-int-or-string": true},
                                "not": {"type": "string", "default": "d", "enum": ["d"]},
                                "spec": {"type": "object", "required": ["none"],
                                         "properties": {"none": {"type": "string", "nullable": true}}}
                              }}}}}
                            """);

    private static JsonNode custom() {
        return new SwaggerDocument(CUSTOM, _ -> true)
                .convert()
                .path("definitions")
                .path("com.example.v1.Foo");
    }

    private static JsonNode served() {
        SchemaCatalog catalog = SchemaCatalog.load();
        ResourceRegistry resources =
                new ResourceRegistry(
                        BuiltInResources.all(
                                new ServiceStrategy(
                                        new ClusterIpAllocator("10.96.0.0/16", new Random(1)),
                                        new NodePortAllocator(new Random(1)))));
        return Json.MAPPER.readTree(new OpenApiDocuments(resources, catalog).swagger().bytes());
    }

    @Test
    void leavesOutWhatVersion2CannotSay() {
        JsonNode properties = custom().path("properties");

        assertThat(properties.path("metadata").toString())
                .isEqualTo("{\"description\":\"d\",\"$ref\":\"#/definitions/Meta\"}");
        assertThat(properties.path("any").toString())
                .isEqualTo("{\"x-kubernetes-preserve-unknown-fields\":true}");
        assertThat(properties.path("all").toString())
                .isEqualTo("{\"x-kubernetes-preserve-unknown-fields\":true}");
        assertThat(properties.path("either").toString())
                .isEqualTo("{\"x-kubernetes-int-or-string\":true}");
        assertThat(properties.path("not").toString())
                .isEqualTo("{\"type\":\"string\",\"default\":\"d\",\"enum\":[\"d\"]}");
        assertThat(properties.path("spec").toString())
                .isEqualTo("{\"type\":\"object\",\"properties\":{\"none\":{}}}");
    }

    @Test
    void saysNothingOfAKindThatKeepsEverything() {
        ObjectNode open = CUSTOM.deepCopy();
        ((ObjectNode) open.path("components").path("schemas").path("com.example.v1.Foo"))
                .put("x-kubernetes-preserve-unknown-fields", true);

        assertThat(
                        new SwaggerDocument(open, _ -> true)
                                .convert()
                                .path("definitions")
                                .path("com.example.v1.Foo")
                                .toString())
                .isEqualTo(
                        "{\"type\":\"object\",\"x-kubernetes-group-version-kind\":[{\"kind\":\"Foo\"}]}");
    }

    @Test
    void describesEverythingThatIsServed() {
        JsonNode document = served();

        assertThat(document.path("swagger").asString("")).isEqualTo("2.0");
        assertThat(document.path("paths").has("/apis/apps/v1/namespaces/{namespace}/deployments"))
                .isTrue();
        JsonNode pod = document.path("definitions").path("io.k8s.api.core.v1.Pod");
        assertThat(pod.path("x-kubernetes-group-version-kind").toString())
                .isEqualTo("[{\"group\":\"\",\"kind\":\"Pod\",\"version\":\"v1\"}]");
        assertThat(document.toString())
                .doesNotContain("#/components")
                .doesNotContain("x-coracle")
                .doesNotContain("requestBody");
    }

    /** kubectl looks at any PATCH of a kind to learn whether the server validates fields. */
    @Test
    void saysOfEveryPatchOfAKindThatFieldsAreValidated() {
        int patches = 0;
        for (JsonNode path : served().path("paths")) {
            JsonNode patch = path.path("patch");
            String kind = patch.path("x-kubernetes-group-version-kind").path("kind").asString("");
            if (!kind.isEmpty() && !kind.endsWith("Options")) {
                patches++;
                assertThat(patch.path("parameters").findValuesAsString("name"))
                        .as(kind)
                        .contains("fieldValidation");
            }
        }
        assertThat(patches).isGreaterThan(50);
    }

    @Test
    void refersToNothingThatIsMissing() {
        JsonNode document = served();

        assertThat(references(document).distinct())
                .isNotEmpty()
                .allMatch(name -> document.path("definitions").has(name));
    }

    private static Stream<String> references(JsonNode node) {
        Stream<String> own =
                node.path("$ref").isString()
                        ? Stream.of(node.path("$ref").asString("").replace("#/definitions/", ""))
                        : Stream.empty();
        return Stream.concat(own, node.valueStream().flatMap(SwaggerDocumentTest::references));
    }

    @Test
    void putsBodiesAmongTheParameters() {
        JsonNode pods = served().path("paths").path("/api/v1/namespaces/{namespace}/pods");
        JsonNode post = pods.path("post");

        assertThat(post.path("parameters").path(0).toString())
                .isEqualTo(
                        "{\"in\":\"body\",\"name\":\"body\",\"required\":true,\"schema\":"
                                + "{\"$ref\":\"#/definitions/io.k8s.api.core.v1.Pod\"}}");
        assertThat(post.path("consumes").toString()).isEqualTo("[\"application/json\"]");
        assertThat(post.path("produces").toString()).isEqualTo("[\"application/json\"]");
        assertThat(post.path("responses").path("200").path("schema").path("$ref").asString(""))
                .isEqualTo("#/definitions/io.k8s.api.core.v1.Pod");
        assertThat(pods.path("parameters").path(0).path("type").asString("")).isEqualTo("string");
    }
}

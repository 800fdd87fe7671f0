package dev.coracle.apiserver.openapi;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.schema.SchemaCatalog;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/**
 * The OpenAPI documents, made from the registry and the schema catalog when first asked for, and
 * again when the resources have changed. Thread-safe.
 */
public final class OpenApiDocuments {

    private static final String SCALE = "io.k8s.api.autoscaling.v1.Scale";

    // among the paths of version 3, none of which is empty
    /** What client-go accepts for {@code /openapi/v2}. */
    public static final String PROTOBUF =
            "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /**
     * How that answer is labelled: as kube-apiserver does, without the "@", which is no legal
     * character there.
     */
    public static final String PROTOBUF_ANSWER =
            "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    // keys that are no API version
    private static final String SWAGGER = "";
    private static final String SWAGGER_IN_PROTOBUF = "protobuf";

    private final ResourceRegistry resources;
    private final SchemaCatalog catalog;
    private final Map<String, Made> documents = new ConcurrentHashMap<>();

    public OpenApiDocuments(ResourceRegistry resources, SchemaCatalog catalog) {
        this.resources = resources;
        this.catalog = catalog;
    }

    /**
     * One API version's document.
     *
     * @param bytes JSON, where nothing else is said
     * @param hash of the bytes, for the {@code hash} parameter of its address
     */
    public record Document(byte[] bytes, String hash) {}

    /** A document, and the resources it describes: it holds as long as they are the same. */
    private record Made(List<ResourceStrategy> of, Document document) {}

    /** {@code GET /openapi/v3}: where the documents are. */
    public ObjectNode index() {
        ObjectNode index = Json.newObject();
        ObjectNode paths = index.putObject("paths");
        resources
                .groups()
                .forEach((group, versions) ->
                        versions.forEach(version -> {
                            String path =
                                    group.isEmpty()
                                            ? "api/" + version
                                            : "apis/" + group + "/" + version;
                            String hash = find(path).map(Document::hash).orElse("");
                            paths.putObject(path)
                                    .put(
                                            "serverRelativeURL",
                                            "/openapi/v3/" + path + "?hash=" + hash);
                        }));
        return index;
    }

    /** The document of {@code api/v1} or {@code apis/<group>/<version>}. */
    public Optional<Document> find(String path) {
        String apiVersion = path.replaceFirst("^apis?/", "");
        List<ResourceStrategy> described = resources.in(apiVersion);
        if (described.isEmpty() || path.startsWith("api/") != (apiVersion.indexOf('/') < 0)) {
            return Optional.empty();
        }
        Made made =
                documents.compute(
                        path,
                        (_, before) ->
                                before != null && before.of().equals(described)
                                        ? before
                                        : make(described));
        return Optional.of(made.document());
    }

    /** Everything that is served, in one document. */
    public ObjectNode whole() {
        ObjectNode whole = skeleton();
        for (ResourceStrategy strategy : resources.all()) {
            add(whole, strategy);
        }
        return sorted(whole);
    }

    /** Everything that is served, as Swagger 2.0 in JSON. */
    public Document swagger() {
        return swagger(SWAGGER, Json.MAPPER::writeValueAsBytes);
    }

    /** The same in protobuf, {@link #PROTOBUF}. */
    public Document swaggerInProtobuf() {
        return swagger(SWAGGER_IN_PROTOBUF, SwaggerProtobuf::encode);
    }

    private Document swagger(String key, Function<ObjectNode, byte[]> encoder) {
        Made made =
                documents.compute(
                        key,
                        (_, before) -> {
                            List<ResourceStrategy> served = resources.all();
                            if (before != null && before.of().equals(served)) {
                                return before;
                            }
                            ObjectNode swagger =
                                    new SwaggerDocument(
                                                    whole(),
                                                    name -> catalog.findCustom(name).isPresent())
                                            .convert();
                            byte[] bytes = encoder.apply(swagger);
                            return new Made(served, new Document(bytes, hash(bytes)));
                        });
        return made.document();
    }

    private Made make(List<ResourceStrategy> described) {
        ObjectNode document = skeleton();
        described.forEach(strategy -> add(document, strategy));
        byte[] json = Json.MAPPER.writeValueAsBytes(sorted(document));
        return new Made(described, new Document(json, hash(json)));
    }

    private static ObjectNode skeleton() {
        ObjectNode document = Json.newObject().put("openapi", "3.0.0");
        document.putObject("info").put("title", "Kubernetes").put("version", "v1.33.0");
        document.putObject("paths");
        ObjectNode components = document.putObject("components");
        components.putObject("schemas");
        components
                .putObject("securitySchemes")
                .putObject("token")
                .put("type", "http")
                .put("scheme", "bearer");
        document.putArray("security").addObject().putArray("token");
        return document;
    }

    private void add(ObjectNode document, ResourceStrategy strategy) {
        ResourceDefinition definition = strategy.definition();
        ObjectNode schemas = (ObjectNode) document.path("components").path("schemas");
        for (String name : new TreeSet<>(catalog.closure(definition.schema()))) {
            if (!schemas.has(name)) {
                schemas.set(name, published(name, schemas));
            }
        }
        ObjectNode schema = (ObjectNode) schemas.path(definition.schema());
        if (!schema.has(Operations.KIND)) {
            schema.putArray(Operations.KIND).add(Operations.kind(definition));
        }
        Operations operations =
                new Operations(
                        strategy, schemas, catalog.findCustom(definition.schema()).isPresent());
        ObjectNode paths = (ObjectNode) document.path("paths");
        String version = definition.kind().apiVersion();
        String root = (version.indexOf('/') < 0 ? "/api/" : "/apis/") + version;
        String collection =
                root
                        + (definition.namespaced() ? "/namespaces/{namespace}/" : "/")
                        + definition.plural();
        paths.set(collection, operations.collection());
        if (definition.verbs().contains("get")) {
            paths.set(collection + "/{name}", operations.item());
        }
        if (definition.namespaced() && definition.verbs().contains("list")) {
            paths.set(root + "/" + definition.plural(), operations.allNamespaces());
        }
        for (Subresource subresource : definition.subresources()) {
            if (subresource == Subresource.SCALE) {
                for (String name : catalog.closure(SCALE)) {
                    schemas.set(name, published(name, schemas));
                }
            }
            paths.set(
                    collection + "/{name}/" + subresource.path(),
                    operations.subresource(subresource));
        }
    }

    private ObjectNode published(String name, ObjectNode schemas) {
        ObjectNode definition = catalog.published(name).deepCopy();
        return catalog.findCustom(name).isPresent()
                ? definition
                : SharedTypes.refer(definition, schemas);
    }

    private static ObjectNode sorted(ObjectNode document) {
        sort((ObjectNode) document.path("paths"));
        sort((ObjectNode) document.path("components").path("schemas"));
        return document;
    }

    private static void sort(ObjectNode object) {
        Map<String, tools.jackson.databind.JsonNode> members = new TreeMap<>();
        object.properties().forEach(entry -> members.put(entry.getKey(), entry.getValue()));
        object.removeAll();
        members.forEach(object::set);
    }

    private static String hash(byte[] json) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-512").digest(json);
            return HexFormat.of().withUpperCase().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(new String(json, StandardCharsets.UTF_8), e);
        }
    }
}

package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.discovery.DiscoveryDocuments;
import dev.coracle.apiserver.discovery.VersionDocument;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.openapi.OpenApiDocuments;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.status.ApiException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What describes the API: discovery, the version, OpenAPI, health; and the answer to paths that are
 * nothing.
 */
public final class DocumentRouter {

    private final ResourceRegistry resources;
    private final DiscoveryDocuments discovery;
    private final OpenApiDocuments openApi;
    private final ServiceAccountTokens tokens;

    public DocumentRouter(
            ResourceRegistry resources,
            DiscoveryDocuments discovery,
            OpenApiDocuments openApi,
            ServiceAccountTokens tokens) {
        this.tokens = tokens;
        this.resources = resources;
        this.discovery = discovery;
        this.openApi = openApi;
    }

    public RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(
                        "/api",
                        request ->
                                aggregatedOr(
                                        request,
                                        discovery::aggregatedCore,
                                        discovery.coreVersions()))
                .GET(
                        "/api/",
                        request ->
                                aggregatedOr(
                                        request,
                                        discovery::aggregatedCore,
                                        discovery.coreVersions()))
                .GET(
                        "/apis",
                        request ->
                                aggregatedOr(
                                        request, discovery::aggregatedGroups, discovery.groups()))
                .GET(
                        "/apis/",
                        request ->
                                aggregatedOr(
                                        request, discovery::aggregatedGroups, discovery.groups()))
                .GET(
                        "/api/{version}",
                        request -> apiResources(request, request.pathVariable("version")))
                .GET(
                        "/api/{version}/",
                        request -> apiResources(request, request.pathVariable("version")))
                .GET("/apis/{group}", this::group)
                .GET("/apis/{group}/", this::group)
                .GET("/apis/{group}/{version}", this::groupResources)
                .GET("/apis/{group}/{version}/", this::groupResources)
                .GET("/version", _ -> Answers.json(VersionDocument.get()))
                .GET("/version/", _ -> Answers.json(VersionDocument.get()))
                .GET("/v3/api-docs/swagger-config", _ -> Answers.json(swaggerGroups()))
                .GET("/v3/api-docs/groups/{*path}", this::swaggerGroup)
                .GET("/openapi/v3", _ -> Answers.json(openApi.index()))
                .GET("/openapi/v3/{*path}", this::openApiDocument)
                .GET("/openapi/v2", this::openApiV2)
                .GET("/", _ -> Answers.json(index()))
                .GET("/.well-known/openid-configuration", _ -> Answers.json(issuer()))
                .GET("/openid/v1/jwks", _ -> publicKeys())
                .build();
    }

    private Mono<ServerResponse> aggregatedOr(
            ServerRequest request, Function<String, ObjectNode> aggregated, ObjectNode plain) {
        for (MediaType type : request.headers().accept()) {
            String v = type.getParameter("v");
            String version = v == null ? "" : v;
            if ("APIGroupDiscoveryList".equals(type.getParameter("as"))
                    && (version.equals("v2") || version.equals("v2beta1"))) {
                // the client chooses its decoder by exactly this content type
                return ServerResponse.ok()
                        .header(
                                "Content-Type",
                                "application/json;g=apidiscovery.k8s.io;v="
                                        + version
                                        + ";as=APIGroupDiscoveryList")
                        .header("Vary", "Accept")
                        .bodyValue(Json.MAPPER.writeValueAsBytes(aggregated.apply(version)));
            }
        }
        return Answers.json(plain);
    }

    private Mono<ServerResponse> apiResources(ServerRequest request, String apiVersion) {
        if (resources.in(apiVersion).isEmpty()) {
            return StatusErrors.answer(ApiException.pathNotFound(), request);
        }
        return Answers.json(discovery.resources(apiVersion));
    }

    private Mono<ServerResponse> group(ServerRequest request) {
        String group = request.pathVariable("group");
        return discovery
                .findGroup(group)
                .map(Answers::json)
                .orElseGet(() -> StatusErrors.answer(ApiException.pathNotFound(), request));
    }

    private Mono<ServerResponse> groupResources(ServerRequest request) {
        return apiResources(
                request, request.pathVariable("group") + "/" + request.pathVariable("version"));
    }

    private Mono<ServerResponse> openApiDocument(ServerRequest request) {
        String path = request.pathVariable("path").substring(1);
        var found = openApi.find(path);
        if (found.isEmpty()) {
            return StatusErrors.answer(ApiException.pathNotFound(), request);
        }
        OpenApiDocuments.Document document = found.get();
        String asked = request.queryParam("hash").orElse("");
        if (!asked.isEmpty() && !asked.equals(document.hash())) {
            return ServerResponse.permanentRedirect(
                            URI.create("/openapi/v3/" + path + "?hash=" + document.hash()))
                    .build();
        }
        ServerResponse.BodyBuilder builder =
                ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .eTag(document.hash())
                        .header("Vary", "Accept");
        if (!asked.isEmpty()) {
            builder.header("Cache-Control", "public, immutable");
        }
        return builder.bodyValue(document.bytes());
    }

    /** What Swagger UI offers to choose from: a document for each API version. */
    private ObjectNode swaggerGroups() {
        ObjectNode config = Json.newObject();
        config.put("configUrl", "/v3/api-docs/swagger-config");
        config.put("validatorUrl", "").put("docExpansion", "list").put("tryItOutEnabled", true);
        config.put("defaultModelsExpandDepth", -1).put("filter", "");
        ArrayNode urls = config.putArray("urls");
        // the core group's name is empty: it comes first
        for (Map.Entry<String, List<String>> group : new TreeMap<>(resources.groups()).entrySet()) {
            for (String version : group.getValue()) {
                String name = group.getKey().isEmpty() ? version : group.getKey() + "/" + version;
                urls.addObject()
                        .put("name", name)
                        .put(
                                "url",
                                "/v3/api-docs/groups/"
                                        + (group.getKey().isEmpty() ? "api/" : "apis/")
                                        + name);
            }
        }
        return config;
    }

    private Mono<ServerResponse> swaggerGroup(ServerRequest request) {
        var found = openApi.find(request.pathVariable("path").substring(1));
        if (found.isEmpty()) {
            return StatusErrors.answer(ApiException.pathNotFound(), request);
        }
        return Answers.bytes(
                request,
                ServerResponse.ok().contentType(MediaType.APPLICATION_JSON),
                found.get().bytes());
    }

    private Mono<ServerResponse> openApiV2(ServerRequest request) {
        String accept = String.join(",", request.headers().header("Accept"));
        if (accept.contains(OpenApiDocuments.PROTOBUF)) {
            OpenApiDocuments.Document document = openApi.swaggerInProtobuf();
            return Answers.bytes(
                    request,
                    ServerResponse.ok()
                            .header("Content-Type", OpenApiDocuments.PROTOBUF_ANSWER)
                            .eTag(document.hash())
                            .header("Vary", "Accept"),
                    document.bytes());
        }
        if (!accept.isBlank()
                && request.headers().accept().stream()
                        .noneMatch(MediaType.APPLICATION_JSON::isCompatibleWith)) {
            return StatusErrors.answer(
                    ApiException.notAcceptable("application/json, " + OpenApiDocuments.PROTOBUF),
                    request);
        }
        OpenApiDocuments.Document document = openApi.swagger();
        return Answers.bytes(
                request,
                ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .eTag(document.hash())
                        .header("Vary", "Accept"),
                document.bytes());
    }

    /** The paths there are, as kube-apiserver lists them at its root. */
    private ObjectNode index() {
        ObjectNode index = Json.newObject();
        ArrayNode paths = index.putArray("paths");
        paths.add("/.well-known/openid-configuration").add("/api").add("/api/v1").add("/apis");
        // the core group's name is empty: it comes first
        for (Map.Entry<String, List<String>> group : new TreeMap<>(resources.groups()).entrySet()) {
            if (!group.getKey().isEmpty()) {
                paths.add("/apis/" + group.getKey());
                group.getValue()
                        .forEach(version -> paths.add("/apis/" + group.getKey() + "/" + version));
            }
        }
        for (String path :
                List.of(
                        "/healthz",
                        "/livez",
                        "/metrics",
                        "/openapi/v2",
                        "/openapi/v3",
                        "/openid/v1/jwks",
                        "/readyz",
                        "/version")) {
            paths.add(path);
        }
        return index;
    }

    /** OpenID Connect Discovery, for those who verify service accounts' tokens. */
    private static ObjectNode issuer() {
        ObjectNode issuer = Json.newObject();
        issuer.put("issuer", ServiceAccountTokens.ISSUER);
        issuer.put("jwks_uri", ServiceAccountTokens.ISSUER + "/openid/v1/jwks");
        issuer.putArray("response_types_supported").add("id_token");
        issuer.putArray("subject_types_supported").add("public");
        issuer.putArray("id_token_signing_alg_values_supported").add("RS256");
        return issuer;
    }

    private Mono<ServerResponse> publicKeys() {
        return ServerResponse.ok()
                .header("Content-Type", "application/jwk-set+json")
                .bodyValue(tokens.publicKeys());
    }
}

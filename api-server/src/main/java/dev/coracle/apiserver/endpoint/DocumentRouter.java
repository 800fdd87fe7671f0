package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.discovery.DiscoveryDocuments;
import dev.coracle.apiserver.discovery.VersionDocument;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.openapi.OpenApiDocuments;
import dev.coracle.apiserver.openapi.OpenApiV2;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.status.ApiException;
import java.net.URI;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * What describes the API: discovery, the version, OpenAPI, health; and the answer to paths that are
 * nothing.
 */
public final class DocumentRouter {

    private final ResourceRegistry resources;
    private final DiscoveryDocuments discovery;
    private final OpenApiDocuments openApi;
    private final BooleanSupplier ready;

    public DocumentRouter(
            ResourceRegistry resources,
            DiscoveryDocuments discovery,
            OpenApiDocuments openApi,
            BooleanSupplier ready) {
        this.ready = ready;
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
                .GET("/openapi/v3", _ -> Answers.json(openApi.index()))
                .GET("/openapi/v3/{*path}", this::openApiDocument)
                .GET("/openapi/v2", this::openApiV2)
                .GET("/healthz", _ -> healthy())
                .GET("/livez", _ -> healthy())
                .GET("/readyz", _ -> ready.getAsBoolean() ? healthy() : notReady())
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
        if (!discovery.hasGroup(group)) {
            return StatusErrors.answer(ApiException.pathNotFound(), request);
        }
        return Answers.json(discovery.group(group));
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
        return builder.bodyValue(document.json());
    }

    private Mono<ServerResponse> openApiV2(ServerRequest request) {
        boolean wanted =
                request.headers().header("Accept").stream()
                        .anyMatch(accept -> accept.contains(OpenApiV2.PROTOBUF));
        if (!wanted) {
            return StatusErrors.answer(
                    ApiException.notAcceptable(OpenApiV2.PROTOBUF + " (JSON is at /openapi/v3)"),
                    request);
        }
        return ServerResponse.ok()
                .header("Content-Type", OpenApiV2.ANSWERED)
                .bodyValue(OpenApiV2.protobuf());
    }

    private static Mono<ServerResponse> notReady() {
        return ServerResponse.status(503).contentType(MediaType.TEXT_PLAIN).bodyValue("starting");
    }

    private static Mono<ServerResponse> healthy() {
        return ServerResponse.ok().contentType(MediaType.TEXT_PLAIN).bodyValue("ok");
    }
}

package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Optional;
import java.util.function.Predicate;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code metrics.k8s.io/v1beta1}: what nodes and pods use, made of what their kubelets say. Nothing
 * is stored.
 */
public final class ResourceMetricsRouter {

    public static final String GROUP = "metrics.k8s.io";
    private static final String VERSION = GROUP + "/v1beta1";
    private static final String ROOT = "/apis/" + VERSION;

    private final WatchCache cache;
    private final NodeSummaries summaries;

    /** Asks kubelets through {@code kubelets}. */
    public ResourceMetricsRouter(WatchCache cache, KubeletRouter kubelets) {
        this.cache = cache;
        this.summaries = new NodeSummaries(cache, kubelets);
    }

    public RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route(
                        RequestPredicates.GET("/apis/" + GROUP), _ -> json(ResourceMetrics.group()))
                .andRoute(RequestPredicates.GET(ROOT), _ -> json(ResourceMetrics.resources()))
                .andRoute(RequestPredicates.GET(ROOT + "/nodes"), this::nodes)
                .andRoute(RequestPredicates.GET(ROOT + "/nodes/{name}"), this::node)
                .andRoute(RequestPredicates.GET(ROOT + "/pods"), this::pods)
                .andRoute(RequestPredicates.GET(ROOT + "/namespaces/{namespace}/pods"), this::pods)
                .andRoute(
                        RequestPredicates.GET(ROOT + "/namespaces/{namespace}/pods/{name}"),
                        this::pod);
    }

    private Mono<ServerResponse> nodes(ServerRequest request) {
        Predicate<CachedObject> wanted = selected(request);
        return summaries
                .all()
                .flatMap(all -> {
                    ObjectNode list = list("NodeMetricsList");
                    ArrayNode items = list.putArray("items");
                    for (NodeSummaries.Summary each : all) {
                        find("nodes", "", each.node())
                                .filter(wanted)
                                .ifPresent(node ->
                                        ResourceMetrics.node(node.toObject(), each.body())
                                                .ifPresent(items::add));
                    }
                    return json(list);
                });
    }

    private Mono<ServerResponse> node(ServerRequest request) {
        String name = request.pathVariable("name");
        ApiObject node =
                find("nodes", "", name)
                        .map(CachedObject::toObject)
                        .orElseThrow(() -> ApiException.notFound(GROUP, "nodes", name));
        return summaries
                .of(name)
                .flatMap(summary ->
                        json(
                                ResourceMetrics.node(node, summary.body())
                                        .orElseThrow(() ->
                                                ApiException.notFound(GROUP, "nodes", name))));
    }

    private Mono<ServerResponse> pods(ServerRequest request) {
        Predicate<CachedObject> wanted = selected(request);
        String namespace = request.pathVariables().getOrDefault("namespace", "");
        return summaries
                .all()
                .flatMap(all -> {
                    ObjectNode list = list("PodMetricsList");
                    ArrayNode items = list.putArray("items");
                    all.stream()
                            .flatMap(each -> Json.objects(each.body().path("pods")).stream())
                            .forEach(pod -> add(items, pod, namespace, wanted));
                    return json(list);
                });
    }

    private void add(
            ArrayNode items, ObjectNode pod, String namespace, Predicate<CachedObject> wanted) {
        String in = pod.path("podRef").path("namespace").asString("");
        if (namespace.isEmpty() || namespace.equals(in)) {
            find("pods", in, pod.path("podRef").path("name").asString(""))
                    .filter(wanted)
                    .ifPresent(object ->
                            ResourceMetrics.pod(object.toObject(), pod).ifPresent(items::add));
        }
    }

    private Mono<ServerResponse> pod(ServerRequest request) {
        String name = request.pathVariable("name");
        String namespace = request.pathVariable("namespace");
        ApiObject pod =
                find("pods", namespace, name)
                        .map(CachedObject::toObject)
                        .orElseThrow(() -> ApiException.notFound(GROUP, "pods", name));
        return summaries
                .of(pod.text("spec.nodeName"))
                .flatMap(summary ->
                        json(
                                Json.objects(summary.body().path("pods")).stream()
                                        .filter(each ->
                                                each.path("podRef")
                                                        .path("uid")
                                                        .asString("")
                                                        .equals(pod.uid()))
                                        .findFirst()
                                        .flatMap(each -> ResourceMetrics.pod(pod, each))
                                        .orElseThrow(
                                                () -> ApiException.notFound(GROUP, "pods", name))));
    }

    private Optional<CachedObject> find(String resource, String namespace, String name) {
        return cache.find(resource, new NamespacedName(namespace, name));
    }

    private static Predicate<CachedObject> selected(ServerRequest request) {
        LabelSelector selector =
                LabelSelector.parse(request.queryParam("labelSelector").orElse(""));
        return object -> selector.matches(object.labels());
    }

    private static ObjectNode list(String kind) {
        ObjectNode list = Json.newObject().put("kind", kind).put("apiVersion", VERSION);
        list.putObject("metadata");
        return list;
    }

    private static Mono<ServerResponse> json(ObjectNode body) {
        return ServerResponse.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(body.toString());
    }
}

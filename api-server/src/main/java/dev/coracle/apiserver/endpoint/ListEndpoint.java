package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.table.Table;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.Snapshot;
import dev.coracle.apiserver.watch.WatchCache;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET} of a collection. Always the newest state, whole: {@code limit} may be ignored by a
 * server (API concepts, "Retrieving large results sets in chunks"), and no continue token is ever
 * given out.
 */
final class ListEndpoint {

    private final WatchCache cache;
    private final Answers answers;

    ListEndpoint(WatchCache cache, Answers answers) {
        this.cache = cache;
        this.answers = answers;
    }

    Mono<ServerResponse> handle(ServerRequest request, RequestTarget target) {
        ResourceDefinition definition = target.strategy().definition();
        QueryOptions options = new QueryOptions(request);
        Selection selection = options.selection(target.strategy(), target.namespace());
        if (!options.text("continue").isEmpty()) {
            throw ApiException.badRequest("continue key is not valid: no token was given out");
        }
        Snapshot snapshot = cache.snapshot(definition.storageKey());
        checkReachable(options, snapshot.revision());
        checkExact(options, snapshot.revision());
        List<CachedObject> objects =
                snapshot.objects().values().stream()
                        .filter(object -> object.isIn(selection))
                        .toList();
        Representation form = Representation.of(request);
        byte[] body =
                switch (form) {
                    case Representation.Plain(boolean yaml) -> {
                        byte[] json = plain(target.strategy(), snapshot.revision(), objects);
                        yield yaml
                                ? form.write(
                                        json, target.strategy().table(), answers.clock().instant())
                                : json;
                    }
                    case Representation.AsTable table ->
                            Json.MAPPER.writeValueAsBytes(
                                    withRevision(
                                            table.of(
                                                    target.strategy().table(),
                                                    trees(target.strategy(), objects),
                                                    answers.clock().instant()),
                                            snapshot.revision()));
                    case Representation.AsPartial() ->
                            partial(target.strategy(), snapshot.revision(), objects);
                };
        return ServerResponse.ok().contentType(form.mediaType()).bodyValue(body);
    }

    /**
     * A resourceVersion the server has not reached is answered 504, for the client to try again.
     */
    static void checkReachable(QueryOptions options, long newest) {
        OptionalLong asked = options.number("resourceVersion");
        if (asked.isPresent() && asked.getAsLong() > newest) {
            throw ApiException.tooLargeResourceVersion(asked.getAsLong(), newest);
        }
    }

    private static void checkExact(QueryOptions options, long newest) {
        String match = options.text("resourceVersionMatch");
        OptionalLong asked = options.number("resourceVersion");
        if (!match.isEmpty() && asked.isEmpty()) {
            throw ApiException.badRequest(
                    "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if (match.equals("Exact") && asked.orElse(newest) != newest) {
            throw ApiException.expired(
                    "the exact list of an older resource version is not kept: "
                            + asked.getAsLong());
        }
    }

    private static byte[] plain(
            ResourceStrategy strategy, long revision, List<CachedObject> objects) {
        ResourceDefinition definition = strategy.definition();
        ByteArrayOutputStream out = new ByteArrayOutputStream(256 + objects.size() * 1024);
        out.writeBytes(
                ascii(
                        "{\"kind\":\""
                                + definition.kind().kind()
                                + "List\",\"apiVersion\":\""
                                + definition.kind().apiVersion()
                                + "\",\"metadata\":{\"resourceVersion\":\""
                                + revision
                                + "\"},\"items\":["));
        boolean first = true;
        for (CachedObject object : objects) {
            if (!first) {
                out.write(',');
            }
            first = false;
            out.writeBytes(strategy.toServed(object.json()));
        }
        out.writeBytes(ascii("]}"));
        return out.toByteArray();
    }

    private static byte[] partial(
            ResourceStrategy strategy, long revision, List<CachedObject> objects) {
        ObjectNode list = Json.newObject();
        list.put("kind", "PartialObjectMetadataList").put("apiVersion", "meta.k8s.io/v1");
        list.putObject("metadata").put("resourceVersion", Long.toString(revision));
        ArrayNode items = list.putArray("items");
        trees(strategy, objects).forEach(object -> items.add(Table.partial(object)));
        return Json.MAPPER.writeValueAsBytes(list);
    }

    private static ObjectNode withRevision(ObjectNode table, long revision) {
        ((ObjectNode) table.path("metadata")).put("resourceVersion", Long.toString(revision));
        return table;
    }

    private static List<ApiObject> trees(ResourceStrategy strategy, List<CachedObject> objects) {
        return objects.stream().map(object -> strategy.toServed(object.toObject())).toList();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

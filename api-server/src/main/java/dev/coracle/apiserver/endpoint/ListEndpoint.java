package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.Snapshot;
import dev.coracle.apiserver.watch.WatchCache;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET} of a collection: whole, or page by page as it was when the first page was read. A
 * page of a list that is no longer kept is 410, with a token to go on in the newest state.
 */
final class ListEndpoint {

    private static final String TOO_OLD =
            "The provided continue parameter is too old to display a consistent list result. You can"
                    + " start a new list without the continue parameter, or use the continue token in"
                    + " this response to retrieve the remainder of the results. Continuing with the"
                    + " provided token results in an inconsistent list - objects that were created,"
                    + " modified, or deleted between the time the first chunk was returned and now may"
                    + " show up in the list.";

    private static final byte[] COMMA = ascii(",");
    private static final byte[] END = ascii("]}");

    private final WatchCache cache;
    private final Answers answers;

    ListEndpoint(WatchCache cache, Answers answers) {
        this.cache = cache;
        this.answers = answers;
    }

    /**
     * A part of a list.
     *
     * @param next the token of the rest; empty when this is all
     * @param remaining how many objects are left; null when that is not known
     */
    record Page(List<CachedObject> objects, long revision, String next, @Nullable Long remaining) {

        private ObjectNode metadata() {
            ObjectNode metadata = Json.newObject();
            metadata.put("resourceVersion", Long.toString(revision));
            if (!next.isEmpty()) {
                metadata.put("continue", next);
            }
            if (remaining != null) {
                metadata.put("remainingItemCount", remaining);
            }
            return metadata;
        }
    }

    Mono<ServerResponse> handle(ServerRequest request, RequestTarget target) {
        return answer(request, target, read(request, target));
    }

    /** What the request asks for; it can be answered in a form that the client accepts. */
    Page read(ServerRequest request, RequestTarget target) {
        QueryOptions options = new QueryOptions(request);
        Selection selection = options.selection(target.strategy(), target.namespace());
        ListRequest asked = ListRequest.of(options);
        checkReachable(options, cache.revision());
        Representation _ = Representation.of(request);
        return page(asked, snapshot(target.strategy(), asked), selection);
    }

    /** Objects as a list, in the form that the client accepts. */
    Mono<ServerResponse> answer(ServerRequest request, RequestTarget target, Page page) {
        Representation form = Representation.of(request);
        ServerResponse.BodyBuilder answer = ServerResponse.ok().contentType(form.mediaType());
        return switch (form) {
            case Representation.Plain(boolean yaml) -> {
                List<byte[]> json = plain(target.strategy(), page);
                yield yaml
                        ? Answers.bytes(
                                request,
                                answer,
                                form.write(
                                        Answers.joined(json),
                                        target.strategy().table(),
                                        answers.clock().instant()))
                        : Answers.pieces(request, answer, json);
            }
            case Representation.AsTable table -> {
                ObjectNode rows =
                        table.of(
                                target.strategy().table(),
                                trees(target.strategy(), page.objects()),
                                answers.clock().instant());
                rows.set("metadata", page.metadata());
                yield Answers.bytes(request, answer, Json.MAPPER.writeValueAsBytes(rows));
            }
            case Representation.AsPartial partial ->
                    Answers.bytes(request, answer, partial(target.strategy(), page, partial));
        };
    }

    private Snapshot snapshot(ResourceStrategy strategy, ListRequest asked) {
        String resource = strategy.definition().storageKey();
        ContinueToken from = asked.from();
        if (from != null && from.revision() != ContinueToken.NEWEST) {
            return cache.snapshotAt(resource, from.revision())
                    .orElseThrow(() ->
                            ApiException.expired(
                                    TOO_OLD,
                                    new ContinueToken(ContinueToken.NEWEST, from.last()).encode()));
        }
        if (asked.exact().isPresent()) {
            return cache.snapshotAt(resource, asked.exact().getAsLong())
                    .orElseThrow(() ->
                            ApiException.expired(
                                    "The resourceVersion for the provided list is too old."));
        }
        return cache.snapshot(resource);
    }

    private static Page page(ListRequest asked, Snapshot snapshot, Selection selection) {
        ContinueToken from = asked.from();
        NavigableMap<NamespacedName, CachedObject> all = snapshot.in(selection.namespace());
        NavigableMap<NamespacedName, CachedObject> rest =
                from == null ? all : all.tailMap(from.last(), false);
        boolean whole = selection.isWholeNamespace();
        long limit = asked.limit() == 0 ? Long.MAX_VALUE : asked.limit();
        List<CachedObject> objects = new ArrayList<>();
        boolean more = false;
        for (CachedObject object : rest.values()) {
            if (whole || object.isIn(selection)) {
                if (objects.size() == limit) {
                    more = true;
                    break;
                }
                objects.add(object);
            }
        }
        if (!more) {
            return new Page(objects, snapshot.revision(), "", null);
        }
        ContinueToken next = new ContinueToken(snapshot.revision(), objects.getLast().key());
        Long remaining = whole ? (long) all.tailMap(next.last(), false).size() : null;
        return new Page(objects, snapshot.revision(), next.encode(), remaining);
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

    /** The list's text in pieces: what is stored goes out as it is. */
    private static List<byte[]> plain(ResourceStrategy strategy, Page page) {
        ResourceDefinition definition = strategy.definition();
        List<byte[]> pieces = new ArrayList<>(page.objects().size() * 2 + 2);
        pieces.add(
                ascii(
                        "{\"kind\":\""
                                + strategy.listKind()
                                + "\",\"apiVersion\":\""
                                + definition.kind().apiVersion()
                                + "\",\"metadata\":"
                                + page.metadata()
                                + ",\"items\":["));
        for (CachedObject object : page.objects()) {
            if (pieces.size() > 1) {
                pieces.add(COMMA);
            }
            pieces.add(strategy.toServed(object.json()));
        }
        pieces.add(END);
        return pieces;
    }

    private static byte[] partial(
            ResourceStrategy strategy, Page page, Representation.AsPartial form) {
        ObjectNode list = Json.newObject();
        list.put("kind", "PartialObjectMetadataList").put("apiVersion", form.apiVersion());
        list.set("metadata", page.metadata());
        ArrayNode items = list.putArray("items");
        trees(strategy, page.objects()).forEach(object -> items.add(form.of(object)));
        return Json.MAPPER.writeValueAsBytes(list);
    }

    private static List<ApiObject> trees(ResourceStrategy strategy, List<CachedObject> objects) {
        return objects.stream().map(object -> strategy.toServed(object.toObject())).toList();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

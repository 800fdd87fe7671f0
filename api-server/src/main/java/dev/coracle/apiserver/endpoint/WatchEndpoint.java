package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.metrics.ApiMetrics;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.selector.FieldSelector;
import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.WatchCache;
import dev.coracle.apiserver.watch.WatchFrame;
import dev.coracle.apiserver.watch.WatchStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.socket.server.WebSocketService;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET} with {@code watch=true}: one JSON event a line, or one WebSocket message an event.
 */
final class WatchEndpoint {

    private static final Representation PLAIN = new Representation.Plain(false);

    private final ResourceRegistry resources;
    private final WatchCache cache;
    private final Answers answers;
    private final ApiMetrics metrics;
    private final EventLines lines = new EventLines();
    private final WebSocketService webSockets = new HandshakeWebSocketService();

    WatchEndpoint(
            ResourceRegistry resources, WatchCache cache, Answers answers, ApiMetrics metrics) {
        this.resources = resources;
        this.metrics = metrics;
        this.cache = cache;
        this.answers = answers;
    }

    Mono<ServerResponse> handle(ServerRequest request, RequestTarget target) {
        ResourceDefinition definition = target.strategy().definition();
        QueryOptions options = new QueryOptions(request);
        ListRequest.checkWatch(options);
        Selection selection = selection(options, target);
        Representation form = Representation.of(request);
        OptionalLong from = options.number("resourceVersion");
        ListEndpoint.checkReachable(options, cache.revision());
        WatchStream stream =
                new WatchStream(
                        cache,
                        definition.storageKey(),
                        selection,
                        new WatchStream.Request(
                                from.isPresent() && from.getAsLong() == 0
                                        ? OptionalLong.empty()
                                        : from,
                                options.flag("allowWatchBookmarks"),
                                options.flag("sendInitialEvents"),
                                timeout(options)));
        // opened here, so that an expired revision is answered with 410 and not with a broken
        // stream
        Flux<byte[]> events =
                stream.open()
                        // a custom resource's definition has changed: the client starts anew
                        .takeUntilOther(resources.untilReplaced(target.strategy()))
                        .map(frame -> encode(frame, target, form))
                        .doOnNext(event ->
                                metrics.sent(
                                        definition.group(),
                                        definition.kind().version(),
                                        definition.plural(),
                                        event.length));
        if ("websocket".equalsIgnoreCase(request.headers().firstHeader("Upgrade"))) {
            return ServerResponse.ok()
                    .build((exchange, _) ->
                            webSockets.handleRequest(
                                    exchange,
                                    session ->
                                            session.send(
                                                            events.map(event ->
                                                                    session.textMessage(
                                                                            new String(
                                                                                    event,
                                                                                    StandardCharsets
                                                                                            .UTF_8))))
                                                    .then(session.close())));
        }
        DefaultDataBufferFactory buffers = DefaultDataBufferFactory.sharedInstance;
        // the empty first part makes the server send the headers at once: clients wait for them
        Flux<byte[]> parts = Flux.concat(Flux.just(new byte[0]), events);
        return ServerResponse.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .body((message, _) ->
                        message.writeAndFlushWith(
                                parts.map(part -> Mono.just(buffers.wrap(part)))));
    }

    /** A watch of one name is a watch of the collection with that name selected. */
    private static Selection selection(QueryOptions options, RequestTarget target) {
        Selection selection = options.selection(target.strategy(), target.namespace());
        if (target.name().isEmpty()) {
            return selection;
        }
        return new Selection(
                target.namespace(),
                selection.labels(),
                FieldSelector.parse("metadata.name=" + target.name(), Set.of("metadata.name")));
    }

    /** What was asked for, else between 30 and 60 minutes, as kube-apiserver chooses. */
    private static Duration timeout(QueryOptions options) {
        OptionalLong seconds = options.number("timeoutSeconds");
        return Duration.ofSeconds(
                seconds.isPresent() && seconds.getAsLong() > 0
                        ? seconds.getAsLong()
                        : ThreadLocalRandom.current().nextLong(1800, 3600));
    }

    private byte[] encode(WatchFrame frame, RequestTarget target, Representation form) {
        return switch (frame) {
            case WatchFrame.Change change ->
                    form.equals(PLAIN)
                            ? lines.of(
                                    change, target.strategy(), () -> encode(change, target, form))
                            : encode(change, target, form);
            case WatchFrame.Bookmark(long revision, boolean initialEventsEnd) ->
                    event("BOOKMARK", bookmark(target, form, revision, initialEventsEnd));
            case WatchFrame.TooSlow() ->
                    event(
                            "ERROR",
                            Json.MAPPER.writeValueAsBytes(
                                    ApiException.expired(
                                                    "the watch was too slow and has been cut; list"
                                                            + " again")
                                            .toStatus()));
        };
    }

    private byte[] encode(WatchFrame.Change change, RequestTarget target, Representation form) {
        return event(
                change.type().name(),
                form.write(
                        target.strategy().toServed(change.object().json()),
                        target.strategy().table(),
                        answers.clock().instant()));
    }

    private byte[] bookmark(
            RequestTarget target, Representation form, long revision, boolean initialEventsEnd) {
        ResourceDefinition definition = target.strategy().definition();
        ObjectNode object = Json.newObject();
        object.put("kind", definition.kind().kind())
                .put("apiVersion", definition.kind().apiVersion());
        ObjectNode metadata = object.putObject("metadata");
        metadata.put("resourceVersion", Long.toString(revision));
        metadata.putNull("creationTimestamp");
        if (initialEventsEnd) {
            metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
        }
        byte[] json = Json.MAPPER.writeValueAsBytes(object);
        return form.write(json, target.strategy().table(), answers.clock().instant());
    }

    private static byte[] event(String type, byte[] object) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(object.length + 40);
        out.writeBytes(
                ("{\"type\":\"" + type + "\",\"object\":").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(object);
        out.write('}');
        out.write('\n');
        return out.toByteArray();
    }
}

package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.storage.SnapshotFormat;
import dev.coracle.apiserver.watch.WatchCache;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * {@code /snapshot}: the whole state at one moment, for {@code coracle snapshot save}. Writes go on
 * meanwhile. It holds every Secret: who may get it is a matter of RBAC's nonResourceURLs.
 */
public final class SnapshotRouter {

    private final WatchCache cache;

    public SnapshotRouter(WatchCache cache) {
        this.cache = cache;
    }

    public RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route().GET("/snapshot", _ -> save()).build();
    }

    private Mono<ServerResponse> save() {
        Flux<DataBuffer> chunks =
                Flux.defer(
                                () -> {
                                    WatchCache.Everything state = cache.everything();
                                    return Flux.fromIterable(() ->
                                            SnapshotFormat.write(
                                                    state.revision(), state.entries().iterator()));
                                })
                        .map(chunk ->
                                (DataBuffer) DefaultDataBufferFactory.sharedInstance.wrap(chunk))
                        .subscribeOn(Schedulers.parallel());
        return ServerResponse.ok()
                .contentType(MediaType.parseMediaType(SnapshotFormat.MEDIA_TYPE))
                .body(BodyInserters.fromDataBuffers(chunks));
    }
}

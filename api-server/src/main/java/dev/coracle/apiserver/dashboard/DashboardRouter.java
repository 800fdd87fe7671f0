package dev.coracle.apiserver.dashboard;

import java.net.URI;
import java.util.List;
import org.springframework.http.CacheControl;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** The files of the page, each at a path of its own; no other path leads into the jar. */
public final class DashboardRouter {

    private static final String ROOT = "/dashboard/";

    /**
     * Own files only, in no frame. Trusted types: a text that is read as HTML is an error of the
     * page, not a script.
     */
    private static final String POLICY =
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
                    + " object-src 'none'; require-trusted-types-for 'script'";

    private static final String HTML = "text/html; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    private static final List<PageFile> FILES =
            List.of(
                    PageFile.read("index.html", HTML),
                    PageFile.read("style.css", "text/css; charset=utf-8"),
                    PageFile.read("icon.svg", "image/svg+xml"),
                    PageFile.read("main.js", SCRIPT),
                    PageFile.read("api.js", SCRIPT),
                    PageFile.read("cluster.js", SCRIPT),
                    PageFile.read("dom.js", SCRIPT),
                    PageFile.read("follow.js", SCRIPT),
                    PageFile.read("objects.js", SCRIPT),
                    PageFile.read("views.js", SCRIPT),
                    PageFile.read("way.js", SCRIPT),
                    PageFile.read("wayview.js", SCRIPT));

    /** The routes; GET and HEAD. */
    public RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route();
        add(routes, "/dashboard", _ -> ServerResponse.permanentRedirect(URI.create(ROOT)).build());
        for (PageFile file : FILES) {
            add(routes, ROOT + file.name(), request -> answer(request, file));
        }
        add(routes, ROOT, request -> answer(request, FILES.getFirst()));
        return routes.build();
    }

    private static void add(
            RouterFunctions.Builder routes, String path, HandlerFunction<ServerResponse> handler) {
        routes.GET(path, handler).HEAD(path, handler);
    }

    /** Kept by the browser, which asks whether it has changed: the files belong together. */
    private static Mono<ServerResponse> answer(ServerRequest request, PageFile file) {
        return request.checkNotModified(file.tag())
                .switchIfEmpty(
                        Mono.defer(() ->
                                ServerResponse.ok()
                                        .header("Content-Type", file.type())
                                        .header("Content-Security-Policy", POLICY)
                                        .header("X-Content-Type-Options", "nosniff")
                                        .header("Referrer-Policy", "no-referrer")
                                        .cacheControl(CacheControl.noCache())
                                        .eTag(file.tag())
                                        .bodyValue(file.content())));
    }
}

package dev.coracle.apiserver.authorization;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * What a request wants to do, from its method and path (API concepts, "Resource URIs").
 *
 * @param namespace empty for all namespaces and for what has none
 * @param name empty for collections
 * @param path of a request that is about no resource; else empty
 */
public record Attributes(
        String verb,
        String group,
        String version,
        String resource,
        String subresource,
        String namespace,
        String name,
        String path) {

    /** A request that is about no resource. */
    public static Attributes nonResource(String verb, String path) {
        return new Attributes(verb, "", "", "", "", "", "", path);
    }

    public boolean isResource() {
        return path.isEmpty();
    }

    /** {@code pods} or {@code pods/log}. */
    public String resourceAndSubresource() {
        return subresource.isEmpty() ? resource : resource + "/" + subresource;
    }

    public static Attributes of(ServerHttpRequest request) {
        String watch = request.getQueryParams().getFirst("watch");
        return of(
                request.getMethod().name(),
                request.getPath().value(),
                watch != null && (watch.isEmpty() || watch.equals("1") || watch.startsWith("t")));
    }

    /**
     * Reads a request.
     *
     * @param watch whether the query asks for a watch
     */
    static Attributes of(String method, String path, boolean watch) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/", -1)) {
            if (!part.isEmpty()) {
                parts.add(part);
            }
        }
        boolean core = !parts.isEmpty() && parts.getFirst().equals("api");
        boolean grouped = !parts.isEmpty() && parts.getFirst().equals("apis");
        if ((!core || parts.size() < 3) && (!grouped || parts.size() < 4)) {
            return nonResource(method.toLowerCase(Locale.ROOT), path);
        }
        parts.removeFirst();
        String group = core ? "" : parts.removeFirst();
        String version = parts.removeFirst();
        String namespace = "";
        if (parts.getFirst().equals("namespaces") && parts.size() > 1) {
            namespace = parts.get(1);
            boolean ofNamespace =
                    parts.size() == 2
                            || (parts.size() == 3
                                    && (parts.get(2).equals("status")
                                            || parts.get(2).equals("finalize")));
            if (!ofNamespace) {
                parts.removeFirst();
                parts.removeFirst();
            }
        }
        String resource = parts.removeFirst();
        String name = parts.isEmpty() ? "" : parts.removeFirst();
        String subresource = parts.isEmpty() ? "" : parts.removeFirst();
        return new Attributes(
                verb(method, name.isEmpty(), watch),
                group,
                version,
                resource,
                subresource,
                namespace,
                name,
                "");
    }

    private static String verb(String method, boolean collection, boolean watch) {
        return switch (method) {
            case "GET", "HEAD" -> {
                if (watch) {
                    yield "watch";
                }
                yield collection ? "list" : "get";
            }
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> collection ? "deletecollection" : "delete";
            default -> method.toLowerCase(Locale.ROOT);
        };
    }
}

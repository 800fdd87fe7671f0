package dev.coracle.apiserver.authorization;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static final Pattern BY_NAME = Pattern.compile("metadata\\.name==?([^=]+)");

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
        Attributes read =
                of(
                        request.getMethod().name(),
                        request.getPath().value(),
                        watch != null
                                && (watch.isEmpty() || watch.equals("1") || watch.startsWith("t")));
        String fields = request.getQueryParams().getFirst("fieldSelector");
        return fields == null ? read : read.selecting(fields);
    }

    /** The same; a list or watch of one object by its name is about that object. */
    Attributes selecting(String fieldSelector) {
        if (!isResource() || !name.isEmpty() || !(verb.equals("list") || verb.equals("watch"))) {
            return this;
        }
        for (String term : fieldSelector.split(",", -1)) {
            Matcher one = BY_NAME.matcher(term.strip());
            if (one.matches()) {
                return new Attributes(
                        verb, group, version, resource, subresource, namespace, one.group(1), path);
            }
        }
        return this;
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

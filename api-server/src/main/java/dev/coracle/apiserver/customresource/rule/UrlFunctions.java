package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coracle.apiserver.customresource.rule.FunctionTable.Argument;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** {@code url}, {@code isURL} and what a URL is made of. */
final class UrlFunctions {

    private static final CelType URL = OpaqueType.create("kubernetes.URL");
    private static final Argument<URI> SELF = new Argument<>(URL, URI.class);

    private UrlFunctions() {}

    static FunctionTable table() {
        return new FunctionTable()
                .global(
                        "url",
                        URL,
                        Arguments.TEXT,
                        text ->
                                parse(text)
                                        .orElseThrow(() ->
                                                new CelInvalidArgumentException(
                                                        "URL parse error during conversion from"
                                                                + " string: "
                                                                + text)))
                .global("isURL", SimpleType.BOOL, Arguments.TEXT, text -> parse(text).isPresent())
                .member("getScheme", SimpleType.STRING, SELF, url -> text(url.getScheme()))
                .member("getHost", SimpleType.STRING, SELF, UrlFunctions::host)
                .member(
                        "getHostname",
                        SimpleType.STRING,
                        SELF,
                        url -> text(url.getHost()).replaceAll("^\\[|\\]$", ""))
                .member(
                        "getPort",
                        SimpleType.STRING,
                        SELF,
                        url -> url.getPort() < 0 ? "" : Integer.toString(url.getPort()))
                .member("getEscapedPath", SimpleType.STRING, SELF, url -> text(url.getRawPath()))
                .member(
                        "getQuery",
                        MapType.create(SimpleType.STRING, Arguments.TEXTS),
                        SELF,
                        UrlFunctions::query);
    }

    /** Absolute, or a path from the root, as Go's ParseRequestURI takes it. */
    private static Optional<URI> parse(String text) {
        try {
            URI uri = new URI(text);
            return uri.isAbsolute() || text.startsWith("/") ? Optional.of(uri) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String host(URI url) {
        return text(url.getHost()) + (url.getPort() < 0 ? "" : ":" + url.getPort());
    }

    private static Map<String, List<String>> query(URI url) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        for (String pair : text(url.getRawQuery()).split("&", -1)) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", 2);
                query.computeIfAbsent(decoded(parts[0]), _ -> new ArrayList<>())
                        .add(parts.length == 2 ? decoded(parts[1]) : "");
            }
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static String text(@org.jspecify.annotations.Nullable String part) {
        return Objects.requireNonNullElse(part, "");
    }
}

package dev.coracle.apiserver.proxy;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path that ends in {@code /proxy} or goes on behind it.
 *
 * @param resource {@code pods}, {@code services} or {@code nodes}
 * @param namespace empty for nodes
 * @param id as it stands in the path, decoded: {@code [scheme:]name[:port]}
 * @param prefix everything up to and with {@code /proxy}, as it was sent
 * @param rest what follows, as it was sent: empty or beginning with a slash
 */
record ProxyPath(String resource, String namespace, String id, String prefix, String rest) {

    private static final Pattern FORM =
            Pattern.compile(
                    "(/api/v1/(?:namespaces/([^/]+)/(pods|services)|(nodes))/([^/]+)/proxy)(/.*)?");

    static Optional<ProxyPath> parse(String rawPath) {
        Matcher matcher = FORM.matcher(rawPath);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        boolean node = matcher.group(4) != null;
        return Optional.of(
                new ProxyPath(
                        node ? "nodes" : matcher.group(3),
                        node ? "" : decoded(matcher.group(2)),
                        decoded(matcher.group(5)),
                        matcher.group(1),
                        matcher.group(6) == null ? "" : matcher.group(6)));
    }

    private static String decoded(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return part;
        }
    }

    /**
     * The parts of an id.
     *
     * @param scheme empty for the default
     * @param port a number or a name; empty for the default
     */
    record Named(String scheme, String name, String port) {}

    /**
     * Empty when it is not of the form {@code name}, {@code name:port} or {@code scheme:name:port}.
     */
    Optional<Named> parsedId() {
        String[] parts = id.split(":", -1);
        Named parsed =
                switch (parts.length) {
                    case 1 -> new Named("", parts[0], "");
                    case 2 -> new Named("", parts[0], parts[1]);
                    case 3 -> new Named(parts[0], parts[1], parts[2]);
                    default -> new Named("", "", "");
                };
        boolean known = parsed.scheme().matches("|http|https");
        return known && !parsed.name().isEmpty() ? Optional.of(parsed) : Optional.empty();
    }
}

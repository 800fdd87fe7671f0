package dev.coracle.apiserver.proxy;

import java.util.Arrays;
import java.util.List;

/** A browser's way to send a bearer token: among the subprotocols it asks for. Pure. */
final class WebSocketTokens {

    private static final String PREFIX = "base64url.bearer.authorization.k8s.io.";

    private WebSocketTokens() {}

    /** The subprotocols but for the token, which goes no further than here. */
    static String without(List<String> values) {
        return String.join(
                ", ",
                values.stream()
                        .flatMap(value -> Arrays.stream(value.split(",", -1)))
                        .map(String::strip)
                        .filter(value -> !value.isEmpty() && !value.startsWith(PREFIX))
                        .toList());
    }
}

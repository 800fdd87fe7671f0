package dev.coracle.nodeagent.server;

import java.util.List;
import java.util.Optional;

/** The versions of the protocol that carries a command's streams. */
enum StreamProtocol {
    V5("v5.channel.k8s.io", 5, false),
    V4("v4.channel.k8s.io", 4, false),
    V4_BASE64("v4.base64.channel.k8s.io", 4, true),
    V3("v3.channel.k8s.io", 3, false),
    V2("v2.channel.k8s.io", 2, false),
    V1("channel.k8s.io", 1, false),
    V1_BASE64("base64.channel.k8s.io", 1, true);

    private final String text;
    private final int version;
    private final boolean base64;

    StreamProtocol(String text, int version, boolean base64) {
        this.text = text;
        this.version = version;
        this.base64 = base64;
    }

    String text() {
        return text;
    }

    boolean isBase64() {
        return base64;
    }

    /** Whether a command's outcome is an object. */
    boolean hasStatusObject() {
        return version >= 4;
    }

    /** Whether there is a stream for the terminal's size. */
    boolean hasResize() {
        return version >= 3;
    }

    /** Those over WebSocket, the best first. */
    static List<StreamProtocol> webSocket() {
        return List.of(V5, V4, V4_BASE64, V1, V1_BASE64);
    }

    /** The first of {@code asked} that is spoken over SPDY. */
    static Optional<StreamProtocol> spdy(List<String> asked) {
        for (String each : asked) {
            for (StreamProtocol known : List.of(V4, V3, V2, V1)) {
                if (known.text.equals(each)) {
                    return Optional.of(known);
                }
            }
        }
        return Optional.empty();
    }
}

package dev.coracle.nodeagent.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** An answer of the kubelet API. */
public sealed interface Reply {

    /** A whole page. */
    record Page(int code, String type, byte[] body) implements Reply {}

    /** A text that comes as it is written; the connection ends it. */
    record Stream(Writer writer) implements Reply {}

    /** Writes a text; blocks. */
    interface Writer {
        void write(OutputStream out) throws IOException;
    }

    static Reply text(int code, String text) {
        return new Page(code, "text/plain; charset=utf-8", bytes(text));
    }

    static Reply json(String json) {
        return new Page(200, "application/json", bytes(json));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

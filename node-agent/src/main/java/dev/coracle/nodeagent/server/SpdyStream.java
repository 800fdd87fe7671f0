package dev.coracle.nodeagent.server;

import io.netty.handler.codec.spdy.SpdyHeaders;
import java.io.OutputStream;

/** One stream of a SPDY connection, opened by the client. */
record SpdyStream(int id, SpdyHeaders headers, InboundPipe input, OutputStream output) {

    /** A header's value, empty if it was not sent. */
    String header(String name) {
        String value = headers.getAsString(name);
        return value == null ? "" : value;
    }
}

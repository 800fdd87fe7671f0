package dev.coracle.apiserver.proxy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ssl.SslHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Takes a connection away from the HTTP server, for good. */
final class RawChannel {

    /** How much may wait to be sent before the other side is not read any more. */
    static final WriteBufferWaterMark ROOM = new WriteBufferWaterMark(256 * 1024, 1024 * 1024);

    private RawChannel() {}

    /** Tells the client that the protocol changes, and joins it with {@code backend}. */
    static void take(Channel client, HttpHeaders headers, Channel backend) {
        if (!client.isActive()) {
            var _ = backend.close();
            return;
        }
        List<String> names = client.pipeline().names();
        for (String name : names) {
            var handler = client.pipeline().get(name);
            if (handler != null && !(handler instanceof SslHandler)) {
                client.pipeline().remove(name);
            }
        }
        client.pipeline().addLast(new Relay(backend));
        StringBuilder head = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
        headers.remove("Content-Length");
        headers.forEach(each ->
                head.append(each.getKey()).append(": ").append(each.getValue()).append("\r\n"));
        head.append("\r\n");
        var _ = client.writeAndFlush(Unpooled.copiedBuffer(head, StandardCharsets.ISO_8859_1));
        client.config().setWriteBufferWaterMark(ROOM).setAutoRead(true);
        backend.config().setAutoRead(true);
    }
}

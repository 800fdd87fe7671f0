package dev.coracle.gateway.proxy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

/**
 * The headers that go on: hop-by-hop ones (RFC 9110 section 7.6.1) do not, {@code X-Forwarded-*}
 * come along.
 */
final class ForwardedHeaders {

    private static final Set<String> HOP_BY_HOP =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    /** What Netty notes of a request in HTTP/2. */
    private static final String OF_HTTP2 = "x-http2-";

    private ForwardedHeaders() {}

    /**
     * For the backend; {@code client} is the address the request came from, {@code entrance} what
     * it came to.
     */
    static HttpHeaders request(HttpHeaders received, String client, Proxy.Entrance entrance) {
        HttpHeaders headers = endToEnd(received);
        String before = headers.get("X-Forwarded-For");
        headers.set("X-Forwarded-For", before == null ? client : before + ", " + client);
        setIfAbsent(
                headers, "X-Forwarded-Host", String.valueOf(received.get(HttpHeaderNames.HOST)));
        setIfAbsent(headers, "X-Forwarded-Proto", entrance.scheme());
        setIfAbsent(headers, "X-Forwarded-Port", Integer.toString(entrance.port()));
        setIfAbsent(headers, "X-Request-Id", UUID.randomUUID().toString());
        return headers;
    }

    static HttpHeaders endToEnd(HttpHeaders received) {
        Set<String> dropped = new HashSet<>(HOP_BY_HOP);
        for (String value : received.getAll(HttpHeaderNames.CONNECTION)) {
            Arrays.stream(value.split(",", -1))
                    .map(name -> name.strip().toLowerCase(Locale.ROOT))
                    .forEach(dropped::add);
        }
        HttpHeaders headers = new DefaultHttpHeaders();
        for (var header : received) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!dropped.contains(name) && !name.startsWith(OF_HTTP2)) {
                headers.add(header.getKey(), header.getValue());
            }
        }
        return headers;
    }

    static boolean asksForWebSocket(HttpHeaders headers) {
        List<String> upgrade = headers.getAll(HttpHeaderNames.UPGRADE);
        return upgrade.stream().anyMatch(value -> value.equalsIgnoreCase("websocket"));
    }

    private static void setIfAbsent(HttpHeaders headers, String name, String value) {
        if (!headers.contains(name)) {
            headers.set(name, value);
        }
    }
}

package dev.coracle.gateway.listener;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.gateway.proxy.Proxy;
import dev.coracle.gateway.tls.ServerCertificate;
import dev.coracle.gateway.tls.TlsTable;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/** A listener in a network namespace: HTTP/1.1, or by TLS also HTTP/2. */
public final class HttpListener implements AutoCloseable {

    private static final Duration DRAIN = Duration.ofSeconds(3);

    private final NetworkNamespace namespace;
    private final LoopResources loops;
    private @Nullable DisposableServer server;

    public HttpListener(NetworkNamespace namespace, LoopResources loops) {
        this.namespace = namespace;
        this.loops = loops;
    }

    /**
     * Listens and returns the real address.
     *
     * @throws IOException if the address cannot be bound; names address and namespace
     */
    public InetSocketAddress listen(String address, int port, Proxy proxy) throws IOException {
        return bind(HttpServer.create(), address, port, proxy);
    }

    /**
     * The same by TLS.
     *
     * @param table the certificates, asked anew for every connection
     * @param other the certificate for hosts that are not in it
     * @throws IOException if the address cannot be bound; names address and namespace
     */
    public InetSocketAddress listenSecurely(
            String address,
            int port,
            Proxy proxy,
            Supplier<TlsTable> table,
            ServerCertificate other)
            throws IOException {
        return bind(
                HttpServer.create()
                        .protocol(HttpProtocol.H2, HttpProtocol.HTTP11)
                        .secure(spec ->
                                spec.sslContext(other.context())
                                        .setSniAsyncMappings((name, found) ->
                                                found.setSuccess(
                                                        table.get()
                                                                .find(name)
                                                                .orElse(other)
                                                                .provider()))),
                address,
                port,
                proxy);
    }

    private synchronized InetSocketAddress bind(
            HttpServer protocol, String address, int port, Proxy proxy) throws IOException {
        try {
            DisposableServer bound =
                    protocol.runOn(namespace.loopResources(loops))
                            .host(address)
                            .port(port)
                            .option(ChannelOption.SO_REUSEADDR, true)
                            .httpRequestDecoder(
                                    spec -> spec.maxHeaderSize(65536).maxInitialLineLength(16384))
                            .handle(proxy)
                            .bindNow();
            server = bound;
            return (InetSocketAddress) bound.address();
        } catch (ChannelBindException e) {
            throw new IOException(
                    "cannot listen on %s:%d in %s: %s"
                            .formatted(address, port, namespace, e.getMessage()),
                    e);
        }
    }

    /** Requests under way have a moment to end. */
    @Override
    public synchronized void close() {
        if (server != null) {
            server.disposeNow(DRAIN);
        }
    }
}

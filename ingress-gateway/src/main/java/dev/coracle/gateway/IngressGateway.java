package dev.coracle.gateway;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.gateway.admin.AdminListener;
import dev.coracle.gateway.ingress.IngressWatch;
import dev.coracle.gateway.listener.HttpListener;
import dev.coracle.gateway.proxy.Proxy;
import dev.coracle.gateway.registration.Registration;
import dev.coracle.gateway.route.RouteTable;
import dev.coracle.gateway.tls.OwnCertificate;
import dev.coracle.gateway.upstream.Upstreams;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/** The ingress gateway as plain Java. The client stays the caller's. */
public final class IngressGateway implements AutoCloseable {

    private final GatewayProperties properties;
    private final KubernetesClient client;
    private final NetworkNamespace namespace;
    private final LoopResources loops = LoopResources.create("gateway", 1, 2, true);
    private final IngressWatch watch;
    private final Upstreams upstreams;
    private final HttpListener plain;
    private final HttpListener secure;
    private final AdminListener admin;
    private @Nullable Registration registration;
    private @Nullable InetSocketAddress listening;

    private IngressGateway(GatewayProperties properties, KubernetesClient client) {
        this.properties = properties;
        this.client = client;
        this.namespace =
                properties.networkNamespace().isEmpty()
                        ? NetworkNamespace.host()
                        : NetworkNamespace.named(properties.networkNamespace());
        this.watch = new IngressWatch(client, InstantSource.system());
        this.upstreams =
                new Upstreams(
                        namespace,
                        loops,
                        properties.connectTimeout(),
                        properties.responseTimeout());
        this.plain = new HttpListener(namespace, loops);
        this.secure = new HttpListener(namespace, loops);
        this.admin = new AdminListener(loops, watch::routes, watch::tls, this::isReady);
    }

    public static IngressGateway create(GatewayProperties properties, KubernetesClient client) {
        return new IngressGateway(properties, client);
    }

    /**
     * Listens and starts to follow the cluster; may not be repeated.
     *
     * @throws IOException if the address cannot be bound
     */
    public void start() throws IOException {
        admin.listen(properties.adminPort());
        InetSocketAddress bound =
                plain.listen(
                        properties.address(),
                        properties.port(),
                        new Proxy(watch::routes, upstreams, Proxy.Entrance.HTTP));
        InetSocketAddress boundForTls =
                secure.listenSecurely(
                        properties.address(),
                        properties.tlsPort(),
                        new Proxy(watch::routes, upstreams, Proxy.Entrance.HTTPS),
                        watch::tls,
                        OwnCertificate.create(InstantSource.system().instant()));
        watch.start();
        Registration made =
                properties.register()
                        ? new Registration(
                                client,
                                properties.address(),
                                bound.getPort(),
                                boundForTls.getPort())
                        : null;
        if (made != null) {
            made.start();
        }
        synchronized (this) {
            listening = bound;
            registration = made;
        }
    }

    /** Listening, in step with the cluster, and known to it. */
    public synchronized boolean isReady() {
        return listening != null
                && watch.isReady()
                && (registration == null || registration.isDone());
    }

    /** Where it listens; the real port if 0 was asked for. */
    public synchronized InetSocketAddress address() {
        if (listening == null) {
            throw new IllegalStateException("the gateway is not started");
        }
        return listening;
    }

    /** One line for a progress or status report. */
    public String describe() {
        if (!isReady()) {
            return "waiting for the first list of Ingresses";
        }
        RouteTable table = watch.routes();
        return "%s:%d in %s, %d routes, %d hosts with a certificate"
                .formatted(
                        properties.address(),
                        address().getPort(),
                        namespace,
                        table.routes().size() + table.defaults().size(),
                        watch.tls().hosts().size());
    }

    @Override
    public void close() {
        synchronized (this) {
            if (registration != null) {
                registration.close();
            }
        }
        plain.close();
        secure.close();
        admin.close();
        watch.close();
        upstreams.close();
        loops.dispose();
        namespace.close();
    }
}

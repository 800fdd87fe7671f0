package dev.coracle.dns;

import dev.coracle.dns.cache.AnswerCache;
import dev.coracle.dns.chain.Chain;
import dev.coracle.dns.cluster.ZoneProperties;
import dev.coracle.dns.cluster.ZoneWatch;
import dev.coracle.dns.forward.Forwarding;
import dev.coracle.dns.forward.ResolvConf;
import dev.coracle.dns.registration.Registration;
import dev.coracle.dns.server.DnsServer;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The DNS service as plain Java. The client stays the caller's. */
public final class DnsService implements AutoCloseable {

    private static final Duration RESOLVER_TIMEOUT = Duration.ofSeconds(2);

    private final KubernetesClient client;
    private final DnsProperties properties;
    private final NetworkNamespace namespace;
    private final ZoneWatch zone;
    private final DnsServer server;
    private @Nullable Registration registration;
    private @Nullable InetSocketAddress listening;

    private DnsService(DnsProperties properties, KubernetesClient client) {
        this.client = client;
        this.properties = properties;
        this.namespace =
                properties.networkNamespace().isEmpty()
                        ? NetworkNamespace.host()
                        : NetworkNamespace.named(properties.networkNamespace());
        this.zone =
                new ZoneWatch(
                        client,
                        new ZoneProperties(
                                properties.domain(),
                                properties.ttlSeconds(),
                                properties.clusterIp(),
                                "host.coracle.internal",
                                properties.hostAddress()));
        List<InetSocketAddress> resolvers =
                ResolvConf.nameServers(Path.of(properties.resolvConf()));
        var forwarding = new Forwarding(resolvers, RESOLVER_TIMEOUT, new SecureRandom());
        this.server = new DnsServer(new Chain(zone, new AnswerCache(forwarding, System::nanoTime)));
    }

    public static DnsService create(DnsProperties properties, KubernetesClient client) {
        return new DnsService(properties, client);
    }

    /**
     * Listens and starts to follow the cluster; may not be repeated.
     *
     * @throws IOException if the address cannot be bound
     */
    public synchronized void start() throws IOException {
        InetSocketAddress bound =
                server.listen(
                        namespace,
                        new InetSocketAddress(
                                InetAddress.ofLiteral(properties.address()), properties.port()));
        listening = bound;
        zone.start();
        if (properties.register()) {
            registration =
                    new Registration(
                            client, properties.clusterIp(), properties.address(), bound.getPort());
            registration.start();
        }
    }

    /** Listening, in step with the cluster, and known to it. */
    public synchronized boolean isReady() {
        return listening != null
                && zone.isReady()
                && (registration == null || registration.isDone());
    }

    /** Where it listens; the real port if 0 was asked for. */
    public synchronized InetSocketAddress address() {
        if (listening == null) {
            throw new IllegalStateException("the DNS service is not started");
        }
        return listening;
    }

    /** One line for a progress or status report. */
    public synchronized String describe() {
        if (!isReady()) {
            return "waiting for the first list of Services";
        }
        return "%s at %s:%d in %s, %d Services"
                .formatted(
                        properties.domain(),
                        properties.address(),
                        address().getPort(),
                        namespace,
                        zone.serviceCount());
    }

    @Override
    public synchronized void close() {
        if (registration != null) {
            registration.close();
        }
        server.close();
        zone.close();
        namespace.close();
    }
}

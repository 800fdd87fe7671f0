package dev.coracle.dns;

import dev.coracle.dns.cache.AnswerCache;
import dev.coracle.dns.chain.Chain;
import dev.coracle.dns.chain.Link;
import dev.coracle.dns.cluster.ZoneProperties;
import dev.coracle.dns.cluster.ZoneWatch;
import dev.coracle.dns.forward.Forwarding;
import dev.coracle.dns.forward.LoopCheck;
import dev.coracle.dns.forward.ResolvConf;
import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.dns.registration.Registration;
import dev.coracle.dns.rules.Hosts;
import dev.coracle.dns.rules.Rules;
import dev.coracle.dns.rules.RulesFile;
import dev.coracle.dns.rules.StubZone;
import dev.coracle.dns.server.DnsPages;
import dev.coracle.dns.server.DnsServer;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The DNS service as plain Java. The client stays the caller's. */
public final class DnsService implements AutoCloseable {

    private static final Duration RESOLVER_TIMEOUT = Duration.ofSeconds(2);
    private static final String LOOPBACK = "127.0.0.1";

    private final KubernetesClient client;
    private final DnsProperties properties;
    private final NetworkNamespace namespace;
    private final InstantSource clock;
    private final DnsMetrics metrics;
    private final ZoneWatch zone;
    private final LoopCheck loop = new LoopCheck(new SecureRandom());
    private final Link outside;
    private final Chain chain;
    private final DnsServer server;
    private final ExecutorService background = Executors.newVirtualThreadPerTaskExecutor();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private List<Forwarding> stubs = List.of();
    private @Nullable Registration registration;
    private @Nullable InetSocketAddress listening;
    private @Nullable InetSocketAddress onHost;

    private DnsService(DnsProperties properties, KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.properties = properties;
        this.namespace =
                properties.networkNamespace().isEmpty()
                        ? NetworkNamespace.host()
                        : NetworkNamespace.named(properties.networkNamespace());
        this.clock = clock;
        this.metrics = new DnsMetrics(clock);
        this.zone =
                new ZoneWatch(
                        client,
                        new ZoneProperties(
                                properties.domain(),
                                properties.ttlSeconds(),
                                properties.clusterIp(),
                                "host.coracle.internal",
                                properties.hostAddress(),
                                properties.pods()),
                        metrics::programmed);
        Forwarding resolvers = forwarding(resolvers());
        opened.add(resolvers);
        this.outside = loop.guarding(cached(resolvers));
        this.chain = new Chain(order(Rules.NONE, List.of()));
        this.server =
                new DnsServer(
                        chain,
                        zone.zone(),
                        zone::isReady,
                        metrics,
                        properties.responsesPerSecond(),
                        properties.workers());
    }

    /** {@code clock} tells how old changes are. */
    public static DnsService create(
            DnsProperties properties, KubernetesClient client, InstantSource clock) {
        return new DnsService(properties, client, clock);
    }

    private List<InetSocketAddress> resolvers() {
        if (properties.resolvers().isEmpty()) {
            return ResolvConf.nameServers(Path.of(properties.resolvConf()));
        }
        return properties.resolvers().stream()
                .map(text -> RulesFile.resolver(text, "coracle.dns.resolvers"))
                .toList();
    }

    private Forwarding forwarding(List<InetSocketAddress> resolvers) {
        return new Forwarding(resolvers, RESOLVER_TIMEOUT, new SecureRandom(), metrics);
    }

    private Link cached(Link resolvers) {
        return new AnswerCache(resolvers, System::nanoTime, background, metrics);
    }

    /** The links of the chain; the longest stub zone comes first. */
    private Chain.Order order(Rules rules, List<Link> stubZones) {
        List<Link> links = new ArrayList<>(List.of(loop, new Hosts(rules.hosts()), zone));
        links.addAll(stubZones);
        links.add(outside);
        return new Chain.Order(links, rules::rewritten);
    }

    private synchronized void apply(Rules rules) {
        List<Forwarding> old = stubs;
        List<Forwarding> fresh = new ArrayList<>();
        List<StubZone> zones = new ArrayList<>();
        rules.stubZones()
                .forEach((name, resolvers) -> {
                    Forwarding forwarding = forwarding(resolvers);
                    fresh.add(forwarding);
                    zones.add(new StubZone(name, cached(forwarding)));
                });
        zones.sort(Comparator.comparingInt((StubZone stub) -> -stub.zone().labels().size()));
        chain.replace(order(rules, List.copyOf(zones)));
        stubs = fresh;
        old.forEach(Forwarding::close);
    }

    /**
     * Listens and starts to follow the cluster; may not be repeated.
     *
     * @throws IOException if an address cannot be bound, or the rules are wrong
     */
    public synchronized void start() throws IOException {
        if (!properties.rules().isEmpty()) {
            opened.add(RulesWatch.start(Path.of(properties.rules()), this::apply, metrics));
        }
        InetAddress address = InetAddress.ofLiteral(properties.address());
        InetSocketAddress bound =
                server.listen(namespace, new InetSocketAddress(address, properties.port()));
        listening = bound;
        if (properties.hostPort() >= 0) {
            onHost =
                    server.listen(
                            NetworkNamespace.host(),
                            new InetSocketAddress(
                                    InetAddress.ofLiteral(LOOPBACK), properties.hostPort()));
        }
        if (properties.httpPort() >= 0) {
            opened.add(
                    DnsPages.open(
                            namespace,
                            new InetSocketAddress(address, properties.httpPort()),
                            chain,
                            this::isReady,
                            metrics));
        }
        zone.start();
        loop.start(outside);
        if (properties.register()) {
            registration =
                    new Registration(
                            client,
                            properties.clusterIp(),
                            properties.address(),
                            bound.getPort(),
                            clock);
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

    /** Where it listens on the host's loopback; null if nowhere. */
    public synchronized @Nullable InetSocketAddress hostAddress() {
        return onHost;
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
        background.shutdownNow();
        stubs.forEach(Forwarding::close);
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        namespace.close();
    }
}

package dev.coracle.nodeagent.node;

import dev.coracle.nodeagent.image.StoredImage;
import dev.coracle.nodeagent.stats.Pressure;
import dev.coracle.nodeagent.timing.Timers;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the Node object and its Lease. Runs on timers; a failed call is tried again at the next
 * beat.
 */
public final class NodeRegistration implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NodeRegistration.class);
    private static final Duration BEAT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int BEATS_PER_STATUS = 30;
    private static final int LEASE_SECONDS = 40;
    private static final String LEASES = "kube-node-lease";

    private final KubernetesClient client;
    private final String name;
    private final String address;
    private final Machine machine;
    private final String runtimeVersion;
    private final Supplier<List<StoredImage>> images;
    private final Timers timers;
    private final InstantSource clock;
    private final EventRecorder events;
    private volatile String notReady = "the pod network is not set up";
    private volatile Pressure pressure = Pressure.NONE;
    private volatile boolean closed;
    private volatile List<StoredImage> told = List.of();
    private int beats;
    private Instant lastBeat;
    private boolean leased;

    public NodeRegistration(
            KubernetesClient client,
            NodeIdentity identity,
            Timers timers,
            InstantSource clock,
            EventRecorder events) {
        this.client = client;
        this.name = identity.name();
        this.address = identity.address();
        this.machine = identity.machine();
        this.runtimeVersion = identity.runtimeVersion();
        this.images = identity.images();
        this.timers = timers;
        this.clock = clock;
        this.lastBeat = clock.instant();
        this.events = events;
    }

    /**
     * Who the node is.
     *
     * @param images what is here now
     */
    public record NodeIdentity(
            String name,
            String address,
            Machine machine,
            String runtimeVersion,
            Supplier<List<StoredImage>> images) {}

    /**
     * Creates the Node, or takes over the one of this name, as not ready; then keeps its Lease.
     *
     * @throws KubernetesClientException if the API server refuses it
     */
    public Node register() {
        Node node = client.nodes().withName(name).get();
        if (node == null) {
            node = create();
        } else {
            Node _ =
                    client.nodes()
                            .withName(name)
                            .patch(
                                    PatchContext.of(PatchType.JSON_MERGE),
                                    Serialization.asJson(
                                            Map.of(
                                                    "metadata",
                                                    Map.of(
                                                            "labels",
                                                            NodeStatusView.labels(
                                                                    name, machine)))));
        }
        writeStatus();
        Timers.Timer _ = timers.after(Duration.ZERO, this::beat);
        return node;
    }

    /** Pods can run from now on. */
    public void ready() {
        notReady = "";
        Node node = writeStatus();
        events.record(
                new ObjectReferenceBuilder()
                        .withKind("Node")
                        .withName(name)
                        .withUid(node.getMetadata().getUid())
                        .build(),
                "Normal",
                "NodeReady",
                "Node " + name + " status is now: NodeReady");
    }

    /** Tells what the node is short of. */
    public void pressure(Pressure now) {
        pressure = now;
        try {
            Node _ = writeStatus();
        } catch (KubernetesClientException e) {
            log.warn("node '{}': its conditions are not written: {}", name, e.getMessage());
        }
    }

    /** Says on the Node and in an event that limits of containers have no effect, and why. */
    public void limitsNotEnforced(String why) {
        Node node =
                client.nodes()
                        .withName(name)
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                Serialization.asJson(
                                        Map.of(
                                                "metadata",
                                                Map.of(
                                                        "annotations",
                                                        Map.of(
                                                                "node.coracle.dev/limits-not-enforced",
                                                                why)))));
        events.record(
                new ObjectReferenceBuilder()
                        .withKind("Node")
                        .withName(name)
                        .withUid(node.getMetadata().getUid())
                        .build(),
                "Warning",
                "LimitsNotEnforced",
                why);
    }

    /** Says that the node has gone down, and stops renewing the Lease. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        notReady = "node-agent has been stopped";
        Thread farewell = Thread.ofVirtual().start(this::sayFarewell);
        try {
            if (!farewell.join(PATIENCE)) {
                farewell.interrupt();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void sayFarewell() {
        try {
            Node _ = writeStatus();
        } catch (KubernetesClientException e) {
            log.debug("node '{}': the API server is gone: {}", name, e.getMessage());
        }
    }

    private Node create() {
        try {
            Node node = NodeStatusView.node(name, machine);
            node.setStatus(status(List.of()));
            return client.resource(node).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return client.nodes().withName(name).require();
            }
            throw e;
        }
    }

    private synchronized Node writeStatus() {
        Node node = client.nodes().withName(name).get();
        if (node == null) {
            node = create();
        }
        NodeStatus status =
                status(node.getStatus() == null ? List.of() : node.getStatus().getConditions());
        Map<String, Object> patch = new LinkedHashMap<>();
        patch.put("status", status);
        Node _ =
                client.nodes()
                        .withName(name)
                        .subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(patch));
        return node;
    }

    private NodeStatus status(List<NodeCondition> known) {
        told = images.get();
        return NodeStatusView.status(
                name,
                address,
                machine,
                runtimeVersion,
                notReady,
                pressure,
                known,
                told,
                clock.instant());
    }

    private void beat() {
        if (closed) {
            return;
        }
        Duration next = BEAT;
        try {
            renewLease();
            if (++beats % BEATS_PER_STATUS == 0 || !images.get().equals(told) || wasAway()) {
                Node _ = writeStatus();
            }
            lastBeat = clock.instant();
        } catch (KubernetesClientException e) {
            next = leased ? BEAT.dividedBy(4) : SOON;
            log.warn("node '{}': no heartbeat: {}", name, e.getMessage());
        }
        Timers.Timer _ = timers.after(next, this::beat);
    }

    /** So long that it may have been called unknown: it says at once that it is back. */
    private boolean wasAway() {
        return lastBeat.plus(BEAT.multipliedBy(2)).isBefore(clock.instant());
    }

    private void renewLease() {
        ZonedDateTime now = clock.instant().truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
        Lease lease =
                new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(LEASES)
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity(name)
                        .withLeaseDurationSeconds(LEASE_SECONDS)
                        .withRenewTime(now)
                        .endSpec()
                        .build();
        try {
            // by a name alone the client would get the object first
            Object _ =
                    client.leases()
                            .inNamespace(LEASES)
                            .resource(lease)
                            .patch(
                                    PatchContext.of(PatchType.JSON_MERGE),
                                    Serialization.asJson(Map.of("spec", lease.getSpec())));
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
            Object _ = client.resource(lease).create();
        }
        leased = true;
    }
}

package dev.coracle.fabric.island;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.NetworkInterface;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The island on this host: makes it, adds and removes nodes, removes it.
 *
 * <p>Thread-safe, and safe beside other processes with the same prefix: every change holds a file
 * lock. All methods block on {@code ip}, for some tens of milliseconds.
 */
public final class NetnsFabric {

    /** How the sources of mounts for pods begin: shared memory, volumes in memory. */
    private static final String PODS_MOUNTS = "coracle-";

    private static final Logger log = LoggerFactory.getLogger(NetnsFabric.class);
    private static final Path STATE = Path.of("/run/coracle");

    private final FabricPlan plan;
    private final ReentrantLock threads = new ReentrantLock();

    public NetnsFabric(FabricProperties properties) {
        this.plan = new FabricPlan(properties.prefix(), properties.addressPlan());
    }

    /** Whether this host allows the island, one sentence per obstacle. */
    public static Preflight check() {
        return Preflight.check();
    }

    /**
     * For a service that runs alone: makes the island unless it is there, when {@code
     * coracle.fabric.enabled} is {@code true} and the mode is {@code netns}. So the first service
     * to start makes it, whichever that is.
     *
     * @param settings answers null for what is not set
     * @throws UncheckedIOException if the host does not allow the island
     */
    public static void ensureIfEnabled(Function<String, @Nullable String> settings) {
        if (!"true".equals(settings.apply("coracle.fabric.enabled"))) {
            return;
        }
        FabricProperties properties = FabricProperties.read(settings);
        if (properties.mode() != FabricProperties.Mode.NETNS) {
            return;
        }
        try {
            Preflight preflight = check();
            if (!preflight.passed()) {
                throw new IOException(String.join("; ", preflight.failures()));
            }
            new NetnsFabric(properties).ensure();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public FabricPlan plan() {
        return plan;
    }

    /**
     * Makes the island unless it is there already. A half-made one, or one with other ranges, is
     * removed first.
     *
     * @throws IOException if the host uses one of the ranges, or a tool fails; nothing is left
     *     behind then
     */
    public void ensure() throws IOException {
        locked(() -> {
            if (isComplete()) {
                return;
            }
            clear();
            refuseConflicts();
            Files.writeString(marker(), "making " + plan.fingerprint());
            try {
                build();
            } catch (IOException e) {
                clear();
                throw e;
            }
            Files.writeString(marker(), plan.fingerprint());
        });
    }

    /**
     * Makes the namespace of a node and links it to the bridge. A namespace left from before is
     * removed first, its processes killed.
     */
    public void addNode(String name, String address) throws IOException {
        locked(() -> {
            Namespaces.remove(List.of(plan.nodeNamespace(name)));
            Namespaces.removeStartingWith(plan.podNamespacePrefix(name));
            Tool.deleteLink(plan.fabricNamespace(), FabricPlan.bridgePort(address));
            Namespaces.add(plan.nodeNamespace(name));
            Tool.ipBatch(plan.fabricNamespace(), plan.nodePort(name, address));
            Tool.ipBatch(plan.nodeNamespace(name), plan.node(address));
            try (NetworkNamespace node = NetworkNamespace.named(plan.nodeNamespace(name))) {
                Sysctl.forwardPackets(node);
            }
        });
    }

    /**
     * Makes a node's place unless it is there already, with this address: then pods that an agent
     * left are still in it. Whether it is.
     */
    public boolean keepNode(String name, String address) throws IOException {
        boolean present = Namespaces.exists(plan.nodeNamespace(name)) && isLinked(name, address);
        if (!present) {
            addNode(name, address);
        }
        return present;
    }

    private boolean isLinked(String name, String address) throws IOException {
        String own = Tool.run("ip", "-n", plan.nodeNamespace(name), "-4", "-o", "addr");
        String ports = Tool.run("ip", "-n", plan.fabricNamespace(), "-o", "link");
        return own.contains(" " + address + "/")
                && ports.contains(" " + FabricPlan.bridgePort(address) + "@");
    }

    /** Tells the fabric namespace that {@code podCidr} is reached through a node. Idempotent. */
    public void routePods(String podCidr, String nodeAddress) throws IOException {
        Tool.ipBatch(plan.fabricNamespace(), FabricPlan.podRoute(podCidr, nodeAddress));
    }

    /** Removes the namespaces of a node and of its pods, and kills the processes in them. */
    public void removeNode(String name) throws IOException {
        locked(() -> {
            Namespaces.removeStartingWith(plan.podNamespacePrefix(name));
            Namespaces.remove(List.of(plan.nodeNamespace(name)));
        });
    }

    /**
     * Removes everything with this prefix, whoever made it: processes, namespaces, links, routes.
     * Does nothing if there is nothing.
     */
    public void remove() throws IOException {
        locked(this::clear);
    }

    private boolean isComplete() throws IOException {
        return recorded().equals(plan.fingerprint())
                && Namespaces.exists(plan.fabricNamespace())
                && NetworkInterface.getByName(plan.hostLink()) != null;
    }

    private void build() throws IOException {
        Tool.ipBatch(plan.unreachableRoutes());
        Namespaces.add(plan.fabricNamespace());
        Tool.ipBatch(plan.fabricNamespace(), plan.bridge());
        Tool.ipBatch(plan.hostSide());
        Tool.ipBatch(plan.fabricNamespace(), plan.hostPort());
    }

    private void clear() throws IOException {
        Namespaces.removeStartingWith(plan.prefix() + "-pod-");
        Namespaces.removeStartingWith(plan.prefix() + "-node-");
        Namespaces.remove(List.of(plan.fabricNamespace()));
        Mounts.removeBelow(plan.mounts());
        Mounts.removeFrom(PODS_MOUNTS);
        Tool.deleteLink(null, plan.hostLink());
        String recorded = recorded().replace("making ", "");
        FabricPlan made = recorded.isEmpty() ? plan : RecordedPlan.parse(recorded).orElse(plan);
        String routes =
                Tool.run("ip", "route", "show", "table", "all", "proto", FabricPlan.ROUTE_PROTOCOL);
        for (Map.Entry<Cidr, String> removal : made.routeRemovals().entrySet()) {
            if (routes.contains(removal.getKey().toString())) {
                Tool.ipBatch(List.of(removal.getValue()));
            }
        }
        Files.deleteIfExists(marker());
    }

    private void refuseConflicts() throws IOException {
        String routes = Tool.run("ip", "-4", "route", "show", "table", "all");
        List<String> conflicts = plan.addresses().conflictsWith(HostAddresses.parse(routes, plan));
        if (!conflicts.isEmpty()) {
            throw new IOException(
                    String.join("; ", conflicts) + " (choose another with coracle.fabric.*)");
        }
    }

    private String recorded() throws IOException {
        try {
            return Files.readString(marker());
        } catch (NoSuchFileException _) {
            return "";
        }
    }

    private Path marker() {
        return STATE.resolve(plan.prefix() + ".plan");
    }

    private void locked(Change change) throws IOException {
        Files.createDirectories(STATE);
        threads.lock();
        try (FileChannel file =
                        FileChannel.open(
                                STATE.resolve(plan.prefix() + ".lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                FileLock lock = Locks.acquire(file)) {
            log.trace("fabric '{}' locked: {}", plan.prefix(), lock);
            change.run();
        } finally {
            threads.unlock();
        }
    }

    private interface Change {
        void run() throws IOException;
    }
}

package dev.coracle.nodeagent.hollow;

import dev.coracle.nodeagent.timing.ScheduledTimers;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.File;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Starts hollow nodes and prints {@code ready} when all are; ends with the process.
 *
 * <p>Arguments: kubeconfig, number of nodes, folder for their state.
 */
public final class HollowNodesMain {

    /** A connection carries a hundred streams: so many nodes' watches leave room for requests. */
    private static final int NODES_PER_CLIENT = 25;

    private static final int STARTING_AT_ONCE = 16;

    private HollowNodesMain() {}

    /** Starts the nodes {@code hollow-0000} and so on. */
    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[1]);
        Config config =
                new ConfigBuilder(Config.fromKubeconfig(new File(args[0])))
                        .withOnlyHttpWatches(true)
                        .build();
        KubernetesClient common = client(config);
        Ranges ranges = new Ranges();
        SharedIndexInformer<Node> nodes = common.nodes().inform(ranges);
        SharedIndexInformer<Service> services = common.services().inAnyNamespace().inform();
        HollowNode.Shared shared =
                new HollowNode.Shared(
                        Path.of(args[2]),
                        new ScheduledTimers("hollow"),
                        InstantSource.system(),
                        ranges::of,
                        nodes,
                        services);
        List<KubernetesClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i += NODES_PER_CLIENT) {
            clients.add(client(config));
        }
        start(count, shared, clients);
        System.out.println("ready");
        new CountDownLatch(1).await();
    }

    private static void start(int count, HollowNode.Shared shared, List<KubernetesClient> clients)
            throws InterruptedException, ExecutionException {
        try (ExecutorService starters =
                Executors.newFixedThreadPool(
                        STARTING_AT_ONCE, Thread.ofVirtual().name("start-", 0).factory())) {
            List<Future<?>> started = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = "hollow-%04d".formatted(i);
                String address = "10.89.%d.%d".formatted(i / 250, i % 250 + 1);
                HollowNode node =
                        new HollowNode(name, address, shared, clients.get(i / NODES_PER_CLIENT));
                started.add(
                        starters.submit(() -> {
                            node.start();
                            return null;
                        }));
            }
            for (Future<?> each : started) {
                Object _ = each.get();
            }
        }
    }

    private static KubernetesClient client(Config config) {
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** Hears of the nodes' pod ranges. */
    private static final class Ranges implements ResourceEventHandler<Node> {

        private final Map<String, CompletableFuture<String>> known = new ConcurrentHashMap<>();

        CompletableFuture<String> of(String node) {
            return known.computeIfAbsent(node, _ -> new CompletableFuture<>());
        }

        @Override
        public void onAdd(Node node) {
            if (node.getSpec() != null && node.getSpec().getPodCIDR() != null) {
                of(node.getMetadata().getName()).complete(node.getSpec().getPodCIDR());
            }
        }

        @Override
        public void onUpdate(Node before, Node node) {
            onAdd(node);
        }

        @Override
        public void onDelete(Node node, boolean deletedFinalStateUnknown) {
            known.remove(node.getMetadata().getName());
        }
    }
}

package dev.coracle.nodeagent.server;

import dev.coracle.nodeagent.server.NodePods.NodePod;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** The pages of the kubelet API that tell about the node. */
final class KubeletPages {

    private final NodePods pods;
    private final Map<String, Object> configuration;
    private final Map<String, Supplier<Reply>> pages = new LinkedHashMap<>();

    /**
     * The usual pages and {@code further} ones, by their path.
     *
     * @param configuration what {@code /configz} shows
     */
    KubeletPages(
            NodePods pods,
            Map<String, Object> configuration,
            Map<String, Supplier<Reply>> further) {
        this.pods = pods;
        this.configuration = configuration;
        for (String path : List.of("/healthz", "/healthz/ping", "/healthz/syncloop")) {
            pages.put(path, () -> Reply.text(200, "ok"));
        }
        pages.put("/pods", () -> Reply.json(Serialization.asJson(list(NodePod::pod, pods.list()))));
        pages.put("/runningpods", this::running);
        pages.put("/configz", this::configuration);
        pages.put("/metrics", this::metrics);
        pages.putAll(further);
    }

    /** The page at a path; null if there is none. */
    @org.jspecify.annotations.Nullable
    Supplier<Reply> find(String path) {
        boolean slash = path.endsWith("/") && path.length() > 1;
        return pages.get(slash ? path.substring(0, path.length() - 1) : path);
    }

    private Reply configuration() {
        return Reply.json(Serialization.asJson(Map.of("kubeletconfig", configuration)));
    }

    /** As upstream: what of a pod a container runtime knows. */
    private Reply running() {
        List<NodePod> running =
                pods.list().stream().filter(pod -> !pod.running().isEmpty()).toList();
        return Reply.json(Serialization.asJson(list(KubeletPages::outline, running)));
    }

    private static Pod outline(NodePod pod) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(pod.pod().getMetadata().getName())
                .withNamespace(pod.pod().getMetadata().getNamespace())
                .withUid(pod.pod().getMetadata().getUid())
                .endMetadata()
                .withNewSpec()
                .withContainers(
                        pod.pod().getSpec().getContainers().stream()
                                .filter(each -> pod.running().containsKey(each.getName()))
                                .map(each ->
                                        new io.fabric8.kubernetes.api.model.ContainerBuilder()
                                                .withName(each.getName())
                                                .withImage(each.getImage())
                                                .build())
                                .toList())
                .endSpec()
                .build();
    }

    private static PodList list(Function<NodePod, Pod> view, List<NodePod> pods) {
        return new PodListBuilder()
                .withNewMetadata()
                .endMetadata()
                .withItems(pods.stream().map(view).toList())
                .build();
    }

    private Reply metrics() {
        List<NodePod> all = pods.list();
        long running = all.stream().filter(pod -> !pod.running().isEmpty()).count();
        long containers = all.stream().mapToLong(pod -> pod.running().size()).sum();
        return new Reply.Page(
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                """
                # HELP kubelet_running_containers Number of containers currently running
                # TYPE kubelet_running_containers gauge
                kubelet_running_containers{container_state="running"} %d
                # HELP kubelet_running_pods Number of pods that have a running container
                # TYPE kubelet_running_pods gauge
                kubelet_running_pods %d
                """
                        .formatted(containers, running)
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}

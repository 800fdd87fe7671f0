package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * How well nodes suit a pod, by the scores of kube-scheduler's default profile and their weights.
 */
final class Scores {

    private static final long MEBIBYTE = 1L << 20;
    private static final long SMALL_IMAGES = 23 * MEBIBYTE;
    private static final long LARGE_IMAGE = 1000 * MEBIBYTE;

    private final PlacedPod pod;
    private final ClusterView view;
    private final Neighbours neighbours;
    private final TopologySpread spread;
    private final List<String> images;

    Scores(PlacedPod pod, ClusterView view, Neighbours neighbours, TopologySpread spread) {
        this.pod = pod;
        this.view = view;
        this.neighbours = neighbours;
        this.spread = spread;
        this.images = view.imageNodes().isEmpty() ? List.of() : imagesOf(pod);
    }

    /** The one with the best sum; of equal ones that with the fewest pods, then the first name. */
    NodeState best(List<NodeState> nodes) {
        double[] sums = new double[nodes.size()];
        add(sums, nodes, 3, node -> -avoided(node));
        var affinity = pod.pod().getSpec().getAffinity();
        if (affinity != null && affinity.getNodeAffinity() != null) {
            add(sums, nodes, 2, node -> NodeAffinityTerms.preference(pod.pod(), node));
        }
        if (neighbours.hasPreference()) {
            add(sums, nodes, 2, neighbours::preference);
        }
        String family = pod.family();
        if (spread.isAsked()) {
            add(sums, nodes, 2, node -> -spread.crowd(node));
        } else if (family != null) {
            add(sums, nodes, 2, node -> -node.siblings(family));
        }
        int best = 0;
        for (int i = 0; i < sums.length; i++) {
            NodeState node = nodes.get(i);
            sums[i] += leastAllocated(node) + balanced(node) + imageLocality(node);
            if (i > 0 && isBetter(sums[i], node, sums[best], nodes.get(best))) {
                best = i;
            }
        }
        return nodes.get(best);
    }

    private static boolean isBetter(double sum, NodeState node, double other, NodeState than) {
        if (sum != other) {
            return sum > other;
        }
        int pods = Integer.compare(node.pods().size(), than.pods().size());
        return pods != 0 ? pods < 0 : node.name().compareTo(than.name()) < 0;
    }

    /** The best gets 100 times the weight, the worst nothing; alike ones get nothing. */
    private static void add(
            double[] sums, List<NodeState> nodes, int weight, ToLongFunction<NodeState> score) {
        long[] values = new long[sums.length];
        long least = Long.MAX_VALUE;
        long most = Long.MIN_VALUE;
        for (int i = 0; i < values.length; i++) {
            values[i] = score.applyAsLong(nodes.get(i));
            least = Math.min(least, values[i]);
            most = Math.max(most, values[i]);
        }
        for (int i = 0; i < values.length && most > least; i++) {
            sums[i] += weight * 100.0 * (values[i] - least) / (most - least);
        }
    }

    private long avoided(NodeState node) {
        long count = 0;
        for (Taint taint : node.taints()) {
            if ("PreferNoSchedule".equals(taint.getEffect())
                    && !Tolerations.tolerates(pod.pod(), taint)) {
                count++;
            }
        }
        return count;
    }

    /** How much is left of cpu and memory with the pod. */
    private double leastAllocated(NodeState node) {
        Demand capacity = node.allocatable();
        long cpu = node.assumed().cpu() + pod.assumed().cpu();
        long memory = node.assumed().memory() + pod.assumed().memory();
        int counted = (capacity.cpu() > 0 ? 1 : 0) + (capacity.memory() > 0 ? 1 : 0);
        return counted == 0
                ? 0
                : (free(cpu, capacity.cpu()) + free(memory, capacity.memory())) / counted;
    }

    private static double free(long used, long capacity) {
        return capacity <= 0 || used > capacity ? 0 : 100.0 * (capacity - used) / capacity;
    }

    /** How alike the used parts of cpu and memory are with the pod. */
    private double balanced(NodeState node) {
        Demand capacity = node.allocatable();
        if (capacity.cpu() <= 0 || capacity.memory() <= 0) {
            return 100;
        }
        double cpu = used(node.requested().cpu() + pod.demand().cpu(), capacity.cpu());
        double memory = used(node.requested().memory() + pod.demand().memory(), capacity.memory());
        return 100 * (1 - Math.abs(cpu - memory) / 2);
    }

    private static double used(long used, long capacity) {
        return Math.min(1, (double) used / capacity);
    }

    /** How much of the pod's images is there; what few nodes have counts less. */
    private double imageLocality(NodeState node) {
        if (images.isEmpty() || node.images().isEmpty()) {
            return 0;
        }
        long present = 0;
        for (String image : images) {
            Long size = node.images().get(image);
            if (size != null) {
                int nodes = view.imageNodes().getOrDefault(image, 0);
                present += (long) ((double) size * nodes / view.nodes().size());
            }
        }
        long most = LARGE_IMAGE * images.size();
        long counted = Math.clamp(present, SMALL_IMAGES, most);
        return 100.0 * (counted - SMALL_IMAGES) / (most - SMALL_IMAGES);
    }

    private static List<String> imagesOf(PlacedPod pod) {
        List<String> images = new ArrayList<>();
        var spec = pod.pod().getSpec();
        for (Container container : spec.getContainers()) {
            images.add(tagged(container.getImage()));
        }
        if (spec.getInitContainers() != null) {
            spec.getInitContainers().forEach(first -> images.add(tagged(first.getImage())));
        }
        return images;
    }

    private static String tagged(String image) {
        return image.lastIndexOf(':') > image.lastIndexOf('/') ? image : image + ":latest";
    }
}

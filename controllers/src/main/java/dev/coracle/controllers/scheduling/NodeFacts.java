package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.ContainerImage;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a Node says of itself.
 *
 * @param allocatable what it offers to pods; nothing before it has reported
 * @param images the bytes of each image it has, by every name
 */
record NodeFacts(
        Node node,
        Map<String, String> labels,
        List<Taint> taints,
        Demand allocatable,
        Map<String, Long> images) {

    static NodeFacts of(Node node) {
        var spec = node.getSpec();
        var labels = node.getMetadata().getLabels();
        return new NodeFacts(
                node,
                labels == null ? Map.of() : labels,
                spec == null || spec.getTaints() == null ? List.of() : spec.getTaints(),
                allocatable(node),
                images(node));
    }

    static Demand allocatable(Node node) {
        var status = node.getStatus();
        if (status == null) {
            return Demand.NOTHING;
        }
        return Demand.of(
                status.getAllocatable() == null ? status.getCapacity() : status.getAllocatable());
    }

    private static Map<String, Long> images(Node node) {
        if (node.getStatus() == null || node.getStatus().getImages() == null) {
            return Map.of();
        }
        Map<String, Long> images = new HashMap<>();
        for (ContainerImage image : node.getStatus().getImages()) {
            long size = image.getSizeBytes() == null ? 0 : image.getSizeBytes();
            for (String name : image.getNames() == null ? List.<String>of() : image.getNames()) {
                images.put(name, size);
            }
        }
        return images;
    }
}

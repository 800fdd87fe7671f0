package dev.coracle.controllers.statefulset;

import dev.coracle.controllers.pod.PodControl;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** What makes a pod the one of an ordinal: its name, its labels, its host name and its claims. */
final class Identity {

    static final String REVISION = "controller-revision-hash";

    private static final String POD_NAME = "statefulset.kubernetes.io/pod-name";
    private static final String POD_INDEX = "apps.kubernetes.io/pod-index";

    private Identity() {}

    static String podName(StatefulSet set, int ordinal) {
        return set.getMetadata().getName() + "-" + ordinal;
    }

    static int firstOrdinal(StatefulSet set) {
        var ordinals = set.getSpec().getOrdinals();
        return ordinals == null || ordinals.getStart() == null ? 0 : ordinals.getStart();
    }

    static int replicas(StatefulSet set) {
        Integer replicas = set.getSpec().getReplicas();
        return replicas == null ? 1 : replicas;
    }

    /** The ordinal in a pod's name; empty for a name that is not of this set. */
    static OptionalInt ordinal(StatefulSet set, Pod pod) {
        String prefix = set.getMetadata().getName() + "-";
        String name = pod.getMetadata().getName();
        if (!name.startsWith(prefix)) {
            return OptionalInt.empty();
        }
        String digits = name.substring(prefix.length());
        return digits.matches("0|[1-9]\\d{0,8}")
                ? OptionalInt.of(Integer.parseInt(digits))
                : OptionalInt.empty();
    }

    static String revision(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels == null ? "" : labels.getOrDefault(REVISION, "");
    }

    /** The pod of an ordinal. */
    static Pod pod(StatefulSet set, PodTemplateSpec template, String revision, int ordinal) {
        String name = podName(set, ordinal);
        Pod pod =
                PodControl.podOf(set, template)
                        .editMetadata()
                        .withName(name)
                        .addToLabels(POD_NAME, name)
                        .addToLabels(POD_INDEX, Integer.toString(ordinal))
                        .addToLabels(REVISION, revision)
                        .endMetadata()
                        .editSpec()
                        .withHostname(name)
                        .withSubdomain(set.getSpec().getServiceName())
                        .endSpec()
                        .build();
        pod.getSpec().setVolumes(volumes(set, pod, ordinal));
        return pod;
    }

    /** The template's volumes, with the claims in the place of those that have their names. */
    private static List<Volume> volumes(StatefulSet set, Pod pod, int ordinal) {
        Map<String, Volume> claims = new HashMap<>();
        for (PersistentVolumeClaim template : templates(set)) {
            String name = template.getMetadata().getName();
            claims.put(
                    name,
                    new VolumeBuilder()
                            .withName(name)
                            .withNewPersistentVolumeClaim(claimName(set, template, ordinal), false)
                            .build());
        }
        List<Volume> volumes = new ArrayList<>(claims.values());
        if (pod.getSpec().getVolumes() != null) {
            pod.getSpec().getVolumes().stream()
                    .filter(volume -> !claims.containsKey(volume.getName()))
                    .forEach(volumes::add);
        }
        return volumes;
    }

    /** The claims the pod of an ordinal needs. */
    static List<PersistentVolumeClaim> claims(StatefulSet set, int ordinal) {
        List<PersistentVolumeClaim> claims = new ArrayList<>();
        for (PersistentVolumeClaim template : templates(set)) {
            claims.add(
                    new PersistentVolumeClaimBuilder(template)
                            .editMetadata()
                            .withName(claimName(set, template, ordinal))
                            .withNamespace(set.getMetadata().getNamespace())
                            .addToLabels(set.getSpec().getSelector().getMatchLabels())
                            .endMetadata()
                            .withStatus(null)
                            .build());
        }
        return claims;
    }

    private static String claimName(StatefulSet set, PersistentVolumeClaim template, int ordinal) {
        return template.getMetadata().getName() + "-" + podName(set, ordinal);
    }

    private static List<PersistentVolumeClaim> templates(StatefulSet set) {
        List<PersistentVolumeClaim> templates = set.getSpec().getVolumeClaimTemplates();
        return templates == null ? List.of() : templates;
    }

    /** Whether a pod still carries the labels of its ordinal. */
    static boolean isLabelled(Pod pod, int ordinal) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        return labels != null
                && pod.getMetadata().getName().equals(labels.get(POD_NAME))
                && Integer.toString(ordinal).equals(labels.get(POD_INDEX));
    }

    static Pod labelled(Pod pod, int ordinal) {
        return new PodBuilder(pod)
                .editMetadata()
                .addToLabels(POD_NAME, pod.getMetadata().getName())
                .addToLabels(POD_INDEX, Integer.toString(ordinal))
                .endMetadata()
                .build();
    }
}

package dev.coracle.controllers.daemonset;

import dev.coracle.controllers.daemonset.DaemonPod.Verdict;
import dev.coracle.controllers.pod.Pods;
import dev.coracle.controllers.pod.Shares;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a DaemonSet lacks pods and which pods are to go: those of nodes that do not take them,
 * those that have ended, those that are too many, and, within what the update strategy allows,
 * those of an old revision.
 */
final class NodePlan {

    private static final Comparator<Pod> OLDEST_FIRST =
            Comparator.comparing(
                            (Pod pod) -> pod.getMetadata().getCreationTimestamp(),
                            Comparator.nullsLast(Comparator.naturalOrder()))
                    .thenComparing(pod -> pod.getMetadata().getName());

    /**
     * A node, as it concerns the set.
     *
     * @param pods those of the set that are on it or meant for it
     */
    record Place(String node, Verdict verdict, List<Pod> pods) {}

    private final DaemonSet set;
    private final String revision;
    private final Instant now;
    private final List<String> creations = new ArrayList<>();
    private final List<Pod> deletions = new ArrayList<>();
    private final List<Pod> ended = new ArrayList<>();

    private NodePlan(DaemonSet set, String revision, Instant now) {
        this.set = set;
        this.revision = revision;
        this.now = now;
    }

    /**
     * Plans for all nodes.
     *
     * @param homeless pods whose node is not there any more
     * @param revision the hash of the newest template
     */
    static NodePlan of(
            DaemonSet set, List<Place> places, List<Pod> homeless, String revision, Instant now) {
        NodePlan plan = new NodePlan(set, revision, now);
        places.forEach(plan::manage);
        homeless.stream().filter(pod -> !Pods.isTerminating(pod)).forEach(plan.deletions::add);
        // as upstream: an update begins when each node has what it should have
        if (plan.rolls()) {
            if (plan.surge(places) > 0) {
                plan.rollWithSurge(places);
            } else {
                plan.roll(places);
            }
        }
        return plan;
    }

    /** The nodes that are to get a pod. */
    List<String> creations() {
        return creations;
    }

    /** The pods that are to go. */
    List<Pod> deletions() {
        return deletions;
    }

    /** Those that have ended by themselves and are to be replaced in time. */
    List<Pod> ended() {
        return ended;
    }

    private void manage(Place place) {
        if (!place.verdict().stays()) {
            place.pods().stream().filter(p -> !Pods.isTerminating(p)).forEach(deletions::add);
            return;
        }
        List<Pod> running = new ArrayList<>();
        boolean isTaken = false;
        for (Pod pod : place.pods()) {
            if (Pods.isTerminating(pod)) {
                isTaken = true;
            } else if (Pods.isFinished(pod)) {
                isTaken = true;
                ended.add(pod);
            } else {
                running.add(pod);
            }
        }
        running.sort(OLDEST_FIRST);
        if (running.isEmpty() && !isTaken && place.verdict().runs()) {
            creations.add(place.node());
        }
        if (running.size() > 1) {
            removeSurplus(running);
        }
    }

    /** Of each revision the oldest stays; of two revisions only while an update may surge. */
    private void removeSurplus(List<Pod> running) {
        List<Pod> updated = running.stream().filter(this::isUpdated).toList();
        List<Pod> old = running.stream().filter(pod -> !isUpdated(pod)).toList();
        if (updated.isEmpty() || old.isEmpty() || !surges()) {
            deletions.addAll(running.subList(1, running.size()));
            return;
        }
        deletions.addAll(updated.subList(1, updated.size()));
        deletions.addAll(old.subList(1, old.size()));
    }

    private void roll(List<Place> places) {
        int unavailable = 0;
        List<Pod> broken = new ArrayList<>();
        List<Pod> candidates = new ArrayList<>();
        for (Place place : places) {
            if (!place.verdict().runs()) {
                continue;
            }
            Pod updated = find(place, true);
            Pod old = find(place, false);
            if (updated != null) {
                unavailable += isAvailable(updated) ? 0 : 1;
            } else if (old == null) {
                unavailable++;
            } else if (isAvailable(old)) {
                candidates.add(old);
            } else {
                unavailable++;
                broken.add(old);
            }
        }
        // one that is not available is replaced whatever the limit says
        deletions.addAll(broken);
        int allowed = Math.max(0, maxUnavailable(places) - unavailable);
        deletions.addAll(candidates.subList(0, Math.min(allowed, candidates.size())));
    }

    private void rollWithSurge(List<Place> places) {
        int surging = 0;
        List<String> candidates = new ArrayList<>();
        for (Place place : places) {
            if (!place.verdict().runs()) {
                continue;
            }
            Pod updated = find(place, true);
            Pod old = find(place, false);
            if (old == null) {
                continue;
            }
            if (updated != null) {
                if (isAvailable(updated) || !isAvailable(old)) {
                    deletions.add(old);
                } else {
                    surging++;
                }
            } else if (isAvailable(old)) {
                candidates.add(place.node());
            } else {
                creations.add(place.node());
            }
        }
        int allowed = Math.max(0, surge(places) - surging);
        creations.addAll(candidates.subList(0, Math.min(allowed, candidates.size())));
    }

    private @Nullable Pod find(Place place, boolean updated) {
        return place.pods().stream()
                .filter(Pods::isActive)
                .filter(pod -> !deletions.contains(pod))
                .filter(pod -> isUpdated(pod) == updated)
                .findFirst()
                .orElse(null);
    }

    boolean isUpdated(Pod pod) {
        return DaemonPod.revision(pod).equals(revision);
    }

    private boolean isAvailable(Pod pod) {
        return Pods.isAvailable(pod, minReady(set), now);
    }

    private boolean rolls() {
        var strategy = set.getSpec().getUpdateStrategy();
        return strategy == null || !"OnDelete".equals(strategy.getType());
    }

    private boolean surges() {
        return rolls() && surge(List.of()) > 0;
    }

    private int surge(List<Place> places) {
        var strategy = set.getSpec().getUpdateStrategy();
        IntOrString most =
                strategy == null || strategy.getRollingUpdate() == null
                        ? null
                        : strategy.getRollingUpdate().getMaxSurge();
        // any percentage of no nodes at all is asked only for whether there is one
        return most == null ? 0 : Shares.of(most, Math.max(1, desired(places)), RoundingMode.UP);
    }

    private int maxUnavailable(List<Place> places) {
        var strategy = set.getSpec().getUpdateStrategy();
        IntOrString most =
                strategy == null || strategy.getRollingUpdate() == null
                        ? null
                        : strategy.getRollingUpdate().getMaxUnavailable();
        return most == null ? 1 : Shares.of(most, desired(places), RoundingMode.UP);
    }

    private static int desired(List<Place> places) {
        return (int) places.stream().filter(place -> place.verdict().runs()).count();
    }

    static Duration minReady(DaemonSet set) {
        return Pods.minReady(set.getSpec().getMinReadySeconds());
    }
}

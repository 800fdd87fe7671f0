package dev.coracle.controllers.deployment;

import dev.coracle.controllers.pod.Shares;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How many replicas each ReplicaSet of a Deployment should have next.
 *
 * <p>A rolling update never has more than {@code desired + surge} pods, nor fewer than {@code
 * desired - unavailable} available ones; after each answer the caller waits for the pods to follow
 * and asks again.
 */
final class Rollout {

    /**
     * A ReplicaSet as far as a rollout cares; {@code maximum} is the limit it was last scaled
     * under.
     */
    record Revision(String name, int replicas, int available, int maximum, String created) {}

    /** What the Deployment asks for, with percentages resolved. */
    record Limits(int desired, int surge, int unavailable) {

        Limits {
            if (desired < 0 || surge < 0 || unavailable < 0) {
                throw new IllegalArgumentException(
                        "limits must not be negative, got %d %d %d"
                                .formatted(desired, surge, unavailable));
            }
        }

        static Limits of(Deployment deployment) {
            int desired = deployment.getSpec().getReplicas();
            var strategy = deployment.getSpec().getStrategy();
            var rolling = strategy == null ? null : strategy.getRollingUpdate();
            int surge =
                    rolling == null
                            ? 0
                            : Shares.of(rolling.getMaxSurge(), desired, RoundingMode.UP);
            int gone =
                    rolling == null
                            ? 0
                            : Shares.of(rolling.getMaxUnavailable(), desired, RoundingMode.DOWN);
            // both zero, by rounding, would stop every rollout
            return new Limits(
                    desired, surge, surge == 0 && gone == 0 ? 1 : Math.min(gone, desired));
        }

        int maximum() {
            return desired + surge;
        }

        int minimumAvailable() {
            return Math.max(0, desired - unavailable);
        }
    }

    private Rollout() {}

    /** The new revision's and the old ones' next replica counts, by name; empty if none changes. */
    static Map<String, Integer> rolling(Limits limits, Revision current, List<Revision> old) {
        int total = current.replicas() + old.stream().mapToInt(Revision::replicas).sum();
        int next = current.replicas();
        if (current.replicas() > limits.desired()) {
            next = limits.desired();
        } else if (total < limits.maximum()) {
            next += Math.min(limits.maximum() - total, limits.desired() - current.replicas());
        }
        if (next != current.replicas()) {
            return Map.of(current.name(), next);
        }
        return shrinkOld(limits, current, old, total);
    }

    private static Map<String, Integer> shrinkOld(
            Limits limits, Revision current, List<Revision> old, int total) {
        int currentUnavailable = Math.max(0, current.replicas() - current.available());
        int removable = total - limits.minimumAvailable() - currentUnavailable;
        Map<String, Integer> next = new LinkedHashMap<>();
        List<Revision> oldest = new ArrayList<>(old);
        oldest.sort(Comparator.comparing(Revision::created).thenComparing(Revision::name));
        for (Revision revision : oldest) {
            int sick = Math.min(revision.replicas() - revision.available(), removable);
            if (sick > 0) {
                next.put(revision.name(), revision.replicas() - sick);
                removable -= sick;
            }
        }
        int available = current.available() + old.stream().mapToInt(Revision::available).sum();
        int spare = Math.min(available - limits.minimumAvailable(), removable);
        for (Revision revision : oldest) {
            int left = next.getOrDefault(revision.name(), revision.replicas());
            int step = Math.min(left, spare);
            if (step > 0) {
                next.put(revision.name(), left - step);
                spare -= step;
            }
        }
        return next;
    }

    /** Old revisions to zero. */
    static Map<String, Integer> recreate(List<Revision> old) {
        Map<String, Integer> next = new LinkedHashMap<>();
        old.stream().filter(r -> r.replicas() > 0).forEach(r -> next.put(r.name(), 0));
        return next;
    }

    /**
     * Follows a change of {@code spec.replicas}: the only active revision takes it all, several
     * share in proportion to their size.
     *
     * @param isSaturated the newest has all that the Deployment asks for, and available
     * @param all the newest last; none while a paused Deployment has never begun
     */
    static Map<String, Integer> proportional(
            Limits limits, boolean rolling, boolean isSaturated, List<Revision> all) {
        List<Revision> active = all.stream().filter(r -> r.replicas() > 0).toList();
        Map<String, Integer> next = new LinkedHashMap<>();
        if (all.isEmpty()) {
            return next;
        }
        if (active.size() <= 1) {
            Revision only = active.isEmpty() ? all.getLast() : active.getFirst();
            if (only.replicas() != limits.desired()) {
                next.put(only.name(), limits.desired());
            }
            return next;
        }
        if (isSaturated) {
            return recreate(all.subList(0, all.size() - 1));
        }
        if (!rolling) {
            return next;
        }
        int allowed = limits.desired() == 0 ? 0 : limits.maximum();
        int toAdd = allowed - active.stream().mapToInt(Revision::replicas).sum();
        List<Revision> largest = new ArrayList<>(active);
        largest.sort(
                Comparator.comparingInt(Revision::replicas)
                        .reversed()
                        .thenComparing(
                                Revision::created,
                                toAdd > 0 ? Comparator.reverseOrder() : Comparator.naturalOrder()));
        int added = 0;
        for (Revision revision : largest) {
            int share = toAdd == 0 ? 0 : share(revision, allowed, toAdd - added);
            next.put(revision.name(), revision.replicas() + share);
            added += share;
        }
        String first = largest.getFirst().name();
        next.put(first, Math.max(0, next.getOrDefault(first, 0) + toAdd - added));
        all.forEach(r -> next.remove(r.name(), r.replicas()));
        return next;
    }

    private static int share(Revision revision, int allowed, int left) {
        int before = revision.maximum() <= 0 ? allowed : revision.maximum();
        int share =
                (int) Math.round((double) revision.replicas() * allowed / before)
                        - revision.replicas();
        return left > 0
                ? Math.min(Math.max(share, 0), left)
                : Math.max(Math.max(Math.min(share, 0), left), -revision.replicas());
    }
}

package dev.coracle.controllers.podautoscaler;

import dev.coracle.controllers.podautoscaler.PodUse.State;
import java.util.List;

/**
 * How many replicas one metric asks for (Kubernetes: Horizontal Pod Autoscaling, algorithm
 * details).
 *
 * @param replicas the number
 * @param average what a pod uses on average, in thousandths
 * @param utilization the same in percent of the requests; 0 if none were asked for
 */
record ReplicaProposal(int replicas, long average, int utilization) {

    /** A change smaller than this share is none. */
    private static final double TOLERANCE = 0.1;

    /** Nothing is known that could be used. */
    static final class NoUseKnownException extends RuntimeException {
        NoUseKnownException(String message) {
            super(message);
        }
    }

    /** So many percent of what the pods request. */
    static ReplicaProposal byUtilization(List<PodUse> pods, int current, int percent) {
        return of(pods, current, new Target(true, percent));
    }

    /** So much on average, in thousandths. */
    static ReplicaProposal byAverage(List<PodUse> pods, int current, long average) {
        return of(pods, current, new Target(false, average));
    }

    /** What the use is held against; {@code value} is percent of the request, or thousandths. */
    private record Target(boolean share, long value) {

        /** What a pod would use that is exactly at the target of its resource's whole request. */
        long full(PodUse pod) {
            return share ? pod.requested() : value;
        }

        /** In whole percent, or whole thousandths, as upstream. */
        double ratio(long used, long requested, int count) {
            return (share ? used * 100 / requested : used / count) / (double) value;
        }
    }

    private static ReplicaProposal of(List<PodUse> all, int current, Target target) {
        List<PodUse> pods = all.stream().filter(pod -> pod.state() != State.ENDED).toList();
        if (all.isEmpty()) {
            throw new NoUseKnownException(
                    "no pods returned by selector while calculating replica count");
        }
        List<PodUse> unready = only(pods, State.UNREADY);
        List<PodUse> missing =
                only(pods, State.READY).stream().filter(pod -> pod.used() == null).toList();
        List<PodUse> ready =
                only(pods, State.READY).stream().filter(pod -> pod.used() != null).toList();
        if (ready.isEmpty()) {
            throw new NoUseKnownException(
                    "did not receive metrics for any targeted pods (pods might be unready)");
        }
        long used = ready.stream().mapToLong(ReplicaProposal::used).sum();
        long requested = ready.stream().mapToLong(PodUse::requested).sum();
        if (target.share() && requested == 0) {
            throw new NoUseKnownException("no metrics returned matched known pods");
        }
        double ratio = target.ratio(used, requested, ready.size());
        long average = used / ready.size();
        int utilization = target.share() ? (int) (used * 100 / requested) : 0;
        boolean addUnready = !unready.isEmpty() && ratio > 1;
        if (!addUnready && missing.isEmpty()) {
            int wanted = isSmall(ratio) ? current : (int) Math.ceil(round(ratio * ready.size()));
            return new ReplicaProposal(wanted, average, utilization);
        }
        // those of whom nothing is known are supposed to make the change smaller
        int count = ready.size();
        if (ratio < 1) {
            used += missing.stream().mapToLong(target::full).sum();
        }
        if (ratio != 1) {
            requested += missing.stream().mapToLong(PodUse::requested).sum();
            count += missing.size();
        }
        if (addUnready) {
            requested += unready.stream().mapToLong(PodUse::requested).sum();
            count += unready.size();
        }
        double careful = target.ratio(used, requested, count);
        int wanted = (int) Math.ceil(round(careful * count));
        boolean turns =
                isSmall(careful)
                        || (ratio < 1 && careful > 1)
                        || (ratio > 1 && careful < 1)
                        || (careful < 1 && wanted > current)
                        || (careful > 1 && wanted < current);
        return new ReplicaProposal(turns ? current : wanted, average, utilization);
    }

    private static List<PodUse> only(List<PodUse> pods, State state) {
        return pods.stream().filter(pod -> pod.state() == state).toList();
    }

    private static long used(PodUse pod) {
        Long used = pod.used();
        return used == null ? 0 : used;
    }

    private static boolean isSmall(double ratio) {
        return Math.abs(1 - ratio) <= TOLERANCE;
    }

    /** Without the last digits, in which a division is not exact. */
    private static double round(double number) {
        return Math.round(number * 1e9) / 1e9;
    }
}

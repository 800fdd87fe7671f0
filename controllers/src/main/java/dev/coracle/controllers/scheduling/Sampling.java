package dev.coracle.controllers.scheduling;

/**
 * How many nodes that take a pod are enough to choose from, and where to begin to look, so that
 * large clusters are gone through in turns. Confined to one thread.
 */
final class Sampling {

    private static final int LEAST = 100;
    private static final int LEAST_PERCENT = 5;

    private int start;

    /** All of a small cluster; half of a larger one, less the larger it is. */
    static int enough(int nodes) {
        if (nodes < LEAST) {
            return nodes;
        }
        int percent = Math.max(LEAST_PERCENT, 50 - nodes / 125);
        return Math.max(LEAST, (int) ((long) nodes * percent / 100));
    }

    /** The node to begin with. */
    int start(int nodes) {
        return nodes == 0 ? 0 : start % nodes;
    }

    /** The next search begins where one ended. */
    void examined(int count, int nodes) {
        start = nodes == 0 ? 0 : (start + count) % nodes;
    }
}

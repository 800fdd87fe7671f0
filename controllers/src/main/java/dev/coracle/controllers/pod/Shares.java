package dev.coracle.controllers.pod;

import io.fabric8.kubernetes.api.model.IntOrString;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Numbers of pods that may be said as percentages, as the API's {@code IntOrString} has them. */
public final class Shares {

    private Shares() {}

    /**
     * The number itself, or the share of {@code total}; null is none.
     *
     * @param rounding of a share that is no whole number: {@code UP} or {@code DOWN}
     */
    public static int of(@Nullable IntOrString value, int total, RoundingMode rounding) {
        if (value == null) {
            return 0;
        }
        if (value.getIntVal() != null) {
            return value.getIntVal();
        }
        long hundredths = Long.parseLong(value.getStrVal().replace("%", "")) * total;
        return Math.toIntExact(
                rounding == RoundingMode.UP
                        ? Math.ceilDiv(hundredths, 100L)
                        : Math.floorDiv(hundredths, 100L));
    }
}

package dev.coracle.apiserver.customresource.rule;

import com.google.common.math.LongMath;
import org.jspecify.annotations.Nullable;

/** The least and the most a value's {@code size()} can be. Arithmetic stops at Long.MAX_VALUE. */
record Sizes(long min, long max) {

    static final Sizes UNKNOWN = new Sizes(0, Long.MAX_VALUE);
    static final Sizes NONE = new Sizes(0, 0);

    static Sizes exactly(long size) {
        return new Sizes(size, size);
    }

    static Sizes union(@Nullable Sizes one, Sizes other) {
        return one == null ? other : one.or(other);
    }

    Sizes or(Sizes other) {
        return new Sizes(Math.min(min, other.min), Math.max(max, other.max));
    }

    Sizes plus(Sizes other) {
        return new Sizes(
                LongMath.saturatedAdd(min, other.min), LongMath.saturatedAdd(max, other.max));
    }

    Sizes times(Sizes other) {
        return new Sizes(
                LongMath.saturatedMultiply(min, other.min),
                LongMath.saturatedMultiply(max, other.max));
    }

    /** The most, times a cost for each, rounded up. */
    long maxTimes(double each) {
        return scale(max, each);
    }

    static long scale(long size, double each) {
        double product = Math.ceil(size * each);
        return product >= Long.MAX_VALUE ? Long.MAX_VALUE : (long) product;
    }
}

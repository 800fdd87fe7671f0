package dev.coracle.apiserver.table;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;

/** Ages as kubectl prints them (k8s.io/apimachinery/pkg/util/duration, HumanDuration). */
public final class Ages {

    private Ages() {}

    /** The time since an RFC 3339 timestamp, or {@code <unknown>} when there is none. */
    public static String since(String timestamp, Instant now) {
        if (timestamp.isEmpty()) {
            return "<unknown>";
        }
        try {
            return human(Duration.between(Instant.parse(timestamp), now));
        } catch (DateTimeException e) {
            return "<invalid>";
        }
    }

    /** Two significant units at most. */
    public static String human(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < -1) {
            return "<invalid>";
        } else if (seconds < 0) {
            return "0s";
        } else if (seconds < 60 * 2) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return two(minutes, "m", seconds % 60, "s");
        } else if (minutes < 60 * 3) {
            return minutes + "m";
        }
        long hours = minutes / 60;
        if (hours < 8) {
            return two(hours, "h", minutes % 60, "m");
        } else if (hours < 48) {
            return hours + "h";
        }
        long days = hours / 24;
        if (hours < 24 * 8) {
            return two(days, "d", hours % 24, "h");
        } else if (hours < 24 * 365 * 2) {
            return days + "d";
        }
        long years = days / 365;
        return hours < 24 * 365 * 8 ? two(years, "y", days % 365, "d") : years + "y";
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return small == 0 ? large + largeUnit : large + largeUnit + small + smallUnit;
    }
}

package dev.coracle.apiserver.registry;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order of API versions (Kubernetes: "Version priority"): stable, then beta, then alpha; newer
 * ones first; what is no such version last, by its name.
 */
final class VersionOrder {

    private static final Pattern VERSION =
            Pattern.compile("v([0-9]{1,9})(?:(alpha|beta)([0-9]{1,9}))?");

    static final Comparator<String> STABLE_FIRST =
            Comparator.<String>comparingInt(version -> rank(version))
                    .thenComparing(
                            Comparator.<String>comparingLong(version -> number(version, 1))
                                    .reversed())
                    .thenComparing(
                            Comparator.<String>comparingLong(version -> number(version, 3))
                                    .reversed())
                    .thenComparing(Comparator.naturalOrder());

    private VersionOrder() {}

    private static int rank(String version) {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches()) {
            return 3;
        }
        String stage = matcher.group(2);
        return stage == null ? 0 : stage.equals("beta") ? 1 : 2;
    }

    private static long number(String version, int group) {
        Matcher matcher = VERSION.matcher(version);
        String digits = matcher.matches() ? matcher.group(group) : null;
        return digits == null ? 0 : Long.parseLong(digits);
    }
}

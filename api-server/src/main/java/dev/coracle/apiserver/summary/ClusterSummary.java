package dev.coracle.apiserver.summary;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The lines with which a cluster says that it is up.
 *
 * @param seconds since its start began
 * @param facts in their order
 * @param attempts commands to try
 */
public record ClusterSummary(double seconds, List<Fact> facts, List<String> attempts) {

    /** One line with a name, or without: it goes on with the one before. */
    public record Fact(String name, String text) {}

    public ClusterSummary {
        facts = List.copyOf(facts);
        attempts = List.copyOf(attempts);
    }

    /** The lines. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "The cluster is up after %.1f s.", seconds));
        facts.forEach(fact -> lines.add(String.format("  %-16s %s", fact.name(), fact.text())));
        lines.add("Try:");
        attempts.forEach(attempt -> lines.add("  " + attempt));
        return lines;
    }
}

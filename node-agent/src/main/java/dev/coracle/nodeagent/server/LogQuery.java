package dev.coracle.nodeagent.server;

import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of a container's log (PodLogOptions).
 *
 * @param tailLines lines from the end, -1 for all
 * @param since nothing older, if there is one
 * @param limitBytes -1 for no limit
 */
record LogQuery(
        boolean follow,
        boolean previous,
        boolean timestamps,
        long tailLines,
        @Nullable Instant since,
        long limitBytes) {

    /**
     * Reads a query.
     *
     * @throws IllegalArgumentException with the parameter that is none
     */
    static LogQuery of(Map<String, List<String>> query, InstantSource clock) {
        Instant since = null;
        String seconds = first(query, "sinceSeconds");
        String time = first(query, "sinceTime");
        try {
            if (!seconds.isEmpty()) {
                since = clock.instant().minusSeconds(number(query, "sinceSeconds"));
            } else if (!time.isEmpty()) {
                since = OffsetDateTime.parse(time).toInstant();
            }
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("sinceTime: " + e.getMessage(), e);
        }
        return new LogQuery(
                flag(query, "follow"),
                flag(query, "previous"),
                flag(query, "timestamps"),
                number(query, "tailLines"),
                since,
                number(query, "limitBytes"));
    }

    private static long number(Map<String, List<String>> query, String name) {
        String text = first(query, name);
        if (text.isEmpty()) {
            return -1;
        }
        if (!text.matches("\\d{1,18}")) {
            throw new IllegalArgumentException(name + ": not a number: '" + text + "'");
        }
        return Long.parseLong(text);
    }

    private static boolean flag(Map<String, List<String>> query, String name) {
        String text = first(query, name);
        return query.containsKey(name) && !text.equals("false") && !text.equals("0");
    }

    private static String first(Map<String, List<String>> query, String name) {
        return query.getOrDefault(name, List.of("")).getFirst();
    }
}

package dev.coracle.e2e;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one watcher of ConfigMaps was told, over all the servers it watched: it goes on from the
 * last revision it was told of. Confined to one thread at a time.
 */
final class WatchRecord {

    private static final Pattern EVENT = Pattern.compile("^\\{\"type\":\"([A-Z]+)\"");
    private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");
    private static final Pattern NUMBER = Pattern.compile("\"data\":\\{\"n\":\"(\\d+)\"");

    private final List<Event> events = new ArrayList<>();
    private long revision;

    /** Begins after {@code revision}. */
    WatchRecord(long revision) {
        this.revision = revision;
    }

    /** One event; {@code number} is the object's {@code data.n}, or -1. */
    record Event(long revision, String type, String name, long number) {}

    List<Event> events() {
        return events;
    }

    long revision() {
        return revision;
    }

    /**
     * Watches until the server ends the stream, or until a revision not before {@code last}.
     *
     * @throws IOException when the server is gone
     */
    void follow(ApiClient client, String path, long last) throws IOException {
        String query = "?watch=true&allowWatchBookmarks=true&resourceVersion=" + revision;
        client.readLines(
                path + query,
                line -> {
                    accept(line);
                    return revision < last;
                });
    }

    private void accept(String line) {
        String type = first(EVENT, line).orElseThrow(() -> new AssertionError(line));
        if (type.equals("ERROR")) {
            throw new AssertionError("the watch from " + revision + " ended with " + line);
        }
        revision = ApiClient.resourceVersion(line);
        if (!type.equals("BOOKMARK")) {
            events.add(
                    new Event(
                            revision,
                            type,
                            first(NAME, line).orElseThrow(() -> new AssertionError(line)),
                            Long.parseLong(first(NUMBER, line).orElse("-1"))));
        }
    }

    private static Optional<String> first(Pattern pattern, String line) {
        Matcher found = pattern.matcher(line);
        return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    }
}

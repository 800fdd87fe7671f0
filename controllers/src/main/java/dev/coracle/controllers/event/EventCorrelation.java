package dev.coracle.controllers.event;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps one object from being written about too much, as client-go's event correlator: after ten
 * messages of one reason within ten minutes the further ones are counted together, and of all about
 * one object 25 are written at once and one in five minutes after that. Confined to one thread.
 */
final class EventCorrelation {

    private static final int REMEMBERED = 4096;
    private static final int ALIKE = 10;
    private static final Duration INTERVAL = Duration.ofMinutes(10);
    private static final int BURST = 25;
    private static final double PER_SECOND = 1.0 / 300;
    private static final String COMBINED = "(combined from similar events): ";

    /** What an event is counted with; combined ones differ in their message all the same. */
    static final class Series {
        private final String key;
        private final String uid;
        private final String reason;
        private final String message;

        private Series(String key, String uid, String reason, String message) {
            this.key = key;
            this.uid = uid;
            this.reason = reason;
            this.message = message;
        }

        String uid() {
            return uid;
        }

        String reason() {
            return reason;
        }

        String message() {
            return message;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Series series && key.equals(series.key);
        }

        @Override
        public int hashCode() {
            return key.hashCode();
        }
    }

    private record Alike(String uid, String type, String reason) {}

    private record Messages(Set<String> texts, Instant last) {}

    private record Tokens(double left, Instant at) {}

    private final Map<Alike, Messages> messages = newest();
    private final Map<String, Tokens> tokens = newest();

    /** What the event is written as; empty if it is one too many. */
    Optional<Series> admit(String uid, String type, String reason, String message, Instant now) {
        Alike alike = new Alike(uid, type, reason);
        Messages known = messages.get(alike);
        Set<String> texts =
                known == null || known.last().plus(INTERVAL).isBefore(now)
                        ? new HashSet<>()
                        : known.texts();
        texts.add(message);
        boolean combined = texts.size() >= ALIKE;
        if (combined) {
            texts.remove(texts.iterator().next());
        }
        messages.put(alike, new Messages(texts, now));
        if (!take(uid, now)) {
            return Optional.empty();
        }
        String one = uid + "/" + type + "/" + reason;
        return Optional.of(
                combined
                        ? new Series(one, uid, reason, COMBINED + message)
                        : new Series(one + "/" + message, uid, reason, message));
    }

    private boolean take(String uid, Instant now) {
        Tokens known = tokens.getOrDefault(uid, new Tokens(BURST, now));
        double refilled =
                known.left() + Duration.between(known.at(), now).toMillis() / 1000.0 * PER_SECOND;
        double left = Math.min(BURST, refilled);
        boolean enough = left >= 1;
        tokens.put(uid, new Tokens(enough ? left - 1 : left, now));
        return enough;
    }

    private static <K, V> Map<K, V> newest() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }
}

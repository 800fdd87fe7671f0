package dev.coracle.apiserver.storage;

import java.util.Locale;

/** The log cannot be read or written. */
public final class StoreException extends RuntimeException {

    /** Why. */
    public enum Reason {
        /** The database does not answer; a later try may succeed. */
        UNAVAILABLE,
        /** No space is left for the log. */
        FULL,
        /** The file system, or the database, is read-only. */
        READ_ONLY,
        /** What is stored is not what was written, or cannot be understood. */
        CORRUPT,
        /** The store is closed. */
        CLOSED
    }

    private final Reason reason;

    public StoreException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public StoreException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /**
     * Tells the reason from what the database or the operating system said.
     *
     * @param what what could not be done
     */
    static StoreException of(String what, Throwable cause) {
        if (cause instanceof StoreException known) {
            return known;
        }
        StringBuilder said = new StringBuilder();
        for (Throwable at = cause; at != null; at = at.getCause()) {
            said.append(at.getMessage()).append('\n');
            for (Throwable suppressed : at.getSuppressed()) {
                said.append(suppressed.getMessage()).append('\n');
            }
        }
        Reason reason = reason(said.toString());
        String why =
                switch (reason) {
                    case FULL -> "no space is left on the disk";
                    case READ_ONLY -> "the disk or the database is read-only";
                    case UNAVAILABLE, CORRUPT, CLOSED -> firstLine(cause);
                };
        return new StoreException(reason, what + ": " + why, cause);
    }

    private static Reason reason(String said) {
        String text = said.toLowerCase(Locale.ROOT);
        if (text.contains("no space left") || text.contains("disk quota exceeded")) {
            return Reason.FULL;
        }
        if (text.contains("read-only")) {
            return Reason.READ_ONLY;
        }
        // H2: a broken chunk, a broken header, an end before what the header promises
        if (text.contains("corrupt")
                || text.contains("file header")
                || text.contains("reading from")) {
            return Reason.CORRUPT;
        }
        return Reason.UNAVAILABLE;
    }

    private static String firstLine(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}

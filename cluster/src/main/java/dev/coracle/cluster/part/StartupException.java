package dev.coracle.cluster.part;

/** The cluster cannot start; the message is a sentence for the user. */
public final class StartupException extends RuntimeException {

    public StartupException(String message) {
        super(message);
    }
}

package dev.coracle.nodeagent.volume;

/** A ConfigMap, Secret or key that a pod needs is not there, yet. */
public final class MissingObjectException extends Exception {

    public MissingObjectException(String message) {
        super(message);
    }
}

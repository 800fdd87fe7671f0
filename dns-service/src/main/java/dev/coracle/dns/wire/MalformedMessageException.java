package dev.coracle.dns.wire;

/** Octets that are not a DNS message. */
public final class MalformedMessageException extends Exception {

    private static final long serialVersionUID = 1L;

    public MalformedMessageException(String message) {
        super(message);
    }
}

package dev.coracle.gateway.tls;

/** A certificate or key that cannot be served; the message says which of the two. */
public final class InvalidCertificateException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    InvalidCertificateException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /** For an event: which of the two cannot be used, and why. */
    public String reason() {
        return reason;
    }
}

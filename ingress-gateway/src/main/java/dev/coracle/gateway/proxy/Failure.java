package dev.coracle.gateway.proxy;

/** What can go wrong with a request, and the status it gets: the one table. */
public enum Failure {
    MALFORMED(400, "the request has no host"),
    NO_ROUTE(404, "no Ingress rule matches this host and path"),
    CONNECT_FAILED(502, "no endpoint of the backend accepts connections"),
    BROKEN(502, "the backend broke off the connection"),
    NO_ENDPOINTS(503, "the backend has no ready endpoints"),
    TIMED_OUT(504, "the backend did not answer in time");

    private final int status;
    private final String text;

    Failure(int status, String text) {
        this.status = status;
        this.text = text;
    }

    public int status() {
        return status;
    }

    public String text() {
        return text;
    }

    /** By what the client library threw. */
    static Failure of(Throwable e) {
        return switch (e) {
            case io.netty.handler.timeout.TimeoutException _ -> TIMED_OUT;
            case java.net.ConnectException _ -> CONNECT_FAILED;
            case Throwable _ -> BROKEN;
        };
    }
}

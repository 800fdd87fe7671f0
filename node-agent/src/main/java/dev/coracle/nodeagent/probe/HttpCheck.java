package dev.coracle.nodeagent.probe;

import dev.coracle.fabric.netns.NetworkNamespace;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request from the node, as a kubelet's probe makes it: certificates are not checked,
 * redirects on the same host are followed.
 */
final class HttpCheck {

    private static final int MOST_REDIRECTS = 10;
    private static final int MOST_HEADERS = 200;
    private static final SSLSocketFactory TRUSTING = trusting();

    private final NetworkNamespace node;
    private final URI uri;
    private final List<HTTPHeader> headers;

    HttpCheck(NetworkNamespace node, URI uri, List<HTTPHeader> headers) {
        this.node = node;
        this.uri = uri;
        this.headers = headers;
    }

    /** Succeeds with a status from 200 to 399. */
    ProbeCheck.Result look(Duration timeout) {
        URI at = uri;
        try {
            for (int i = 0; i < MOST_REDIRECTS; i++) {
                Answer answer = request(at, timeout);
                boolean redirect =
                        answer.code() >= 300 && answer.code() < 400 && answer.location() != null;
                if (redirect) {
                    URI next = at.resolve(answer.location());
                    if (!at.getHost().equals(next.getHost())) {
                        return ProbeCheck.Result.ok();
                    }
                    at = next;
                    continue;
                }
                return answer.code() >= 200 && answer.code() < 400
                        ? ProbeCheck.Result.ok()
                        : ProbeCheck.Result.failed(
                                "HTTP probe failed with statuscode: " + answer.code());
            }
            return ProbeCheck.Result.failed(
                    "Get \"" + at + "\": stopped after " + MOST_REDIRECTS + " redirects");
        } catch (IOException | IllegalArgumentException e) {
            return ProbeCheck.Result.failed("Get \"" + at + "\": " + reason(at, e));
        }
    }

    /** The status of one request, whatever it is. */
    Answer request(URI at, Duration timeout) throws IOException {
        try (SocketChannel channel = node.call(SocketChannel::open)) {
            Socket socket = connect(channel, at.getHost(), port(at), timeout);
            if ("https".equals(at.getScheme())) {
                socket = TRUSTING.createSocket(socket, at.getHost(), port(at), true);
            }
            socket.getOutputStream().write(head(at).getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            BufferedReader reader =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.ISO_8859_1));
            String status = reader.readLine();
            if (status == null || !status.matches("HTTP/1\\.[01] \\d{3}.*")) {
                throw new IOException(status == null ? "EOF" : "malformed HTTP response");
            }
            return new Answer(Integer.parseInt(status.substring(9, 12)), location(reader));
        }
    }

    private static @Nullable String location(BufferedReader reader) throws IOException {
        for (int i = 0; i < MOST_HEADERS; i++) {
            String line = reader.readLine();
            if (line == null || line.isEmpty()) {
                return null;
            }
            if (line.toLowerCase(Locale.ROOT).startsWith("location:")) {
                return line.substring("location:".length()).strip();
            }
        }
        return null;
    }

    private String head(URI at) {
        String path = at.getRawPath().isEmpty() ? "/" : at.getRawPath();
        StringBuilder request = new StringBuilder("GET ").append(path);
        if (at.getRawQuery() != null) {
            request.append('?').append(at.getRawQuery());
        }
        request.append(" HTTP/1.1\r\n");
        boolean host = false;
        boolean agent = false;
        boolean accept = false;
        for (HTTPHeader header : headers) {
            host |= header.getName().equalsIgnoreCase("host");
            agent |= header.getName().equalsIgnoreCase("user-agent");
            accept |= header.getName().equalsIgnoreCase("accept");
            if (!header.getValue().isEmpty()) {
                request.append(header.getName()).append(": ");
                request.append(header.getValue()).append("\r\n");
            }
        }
        if (!host) {
            request.append("Host: ").append(at.getHost()).append(':').append(port(at));
            request.append("\r\n");
        }
        request.append(agent ? "" : "User-Agent: kube-probe/1.33\r\n");
        request.append(accept ? "" : "Accept: */*\r\n");
        return request.append("Connection: close\r\n\r\n").toString();
    }

    static Socket connect(SocketChannel channel, String host, int port, Duration timeout)
            throws IOException {
        Socket socket = channel.socket();
        int millis = (int) Math.max(1, timeout.toMillis());
        socket.setSoTimeout(millis);
        socket.connect(new InetSocketAddress(host, port), millis);
        return socket;
    }

    private static int port(URI at) {
        return at.getPort() >= 0 ? at.getPort() : "https".equals(at.getScheme()) ? 443 : 80;
    }

    /** In Go's words where it has some. */
    static String reason(URI at, Exception e) {
        return e instanceof SocketTimeoutException
                ? "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
                : dial(at.getHost(), port(at), e);
    }

    static String dial(String host, int port, Exception e) {
        String text = String.valueOf(e.getMessage());
        String dial = "dial tcp " + host + ":" + port + ": ";
        if (text.contains("Connection refused")) {
            return dial + "connect: connection refused";
        }
        if (text.contains("No route to host")) {
            return dial + "connect: no route to host";
        }
        return e instanceof SocketTimeoutException ? dial + "i/o timeout" : text;
    }

    private static SSLSocketFactory trusting() {
        X509TrustManager all =
                new X509TrustManager() {
                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type) {}

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type) {}

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return new X509Certificate[0];
                    }
                };
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {all}, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What came back. */
    record Answer(int code, @Nullable String location) {}
}

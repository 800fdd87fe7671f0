package dev.coracle.nodeagent.probe;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.runtime.RunningContainer;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** Makes checks; the network ones start in the node's namespace, as the kubelet's do. */
public final class ProbeChecks {

    private final NetworkNamespace node;

    public ProbeChecks(NetworkNamespace node) {
        this.node = node;
    }

    /** What of a probe is not carried out, as a phrase that names it; empty if all is. */
    public static Optional<String> unsupported(Probe probe) {
        if (probe.getGrpc() != null) {
            return Optional.of("a grpc probe");
        }
        if (probe.getHttpGet() != null && "HTTPS".equals(probe.getHttpGet().getScheme())) {
            return Optional.of("an httpGet probe with scheme HTTPS");
        }
        return Optional.empty();
    }

    /** The check that {@code probe} describes. */
    public ProbeCheck of(
            Probe probe, Container container, String podAddress, RunningContainer run) {
        if (probe.getExec() != null) {
            return timeout -> exec(run, probe, timeout);
        }
        if (probe.getHttpGet() != null) {
            HTTPGetAction get = probe.getHttpGet();
            String host = Objects.requireNonNullElse(get.getHost(), podAddress);
            int port = port(get.getPort(), container);
            return timeout -> httpGet(host, port, get, timeout);
        }
        if (probe.getTcpSocket() != null) {
            String host = Objects.requireNonNullElse(probe.getTcpSocket().getHost(), podAddress);
            int port = port(probe.getTcpSocket().getPort(), container);
            return timeout -> tcp(host, port, timeout);
        }
        return _ -> ProbeCheck.Result.failed("the probe names no action");
    }

    private static ProbeCheck.Result exec(RunningContainer run, Probe probe, Duration timeout) {
        try {
            int code = run.exec(probe.getExec().getCommand(), timeout);
            return code == 0
                    ? ProbeCheck.Result.ok()
                    : ProbeCheck.Result.failed("command exited with " + code);
        } catch (IOException e) {
            return ProbeCheck.Result.failed(String.valueOf(e.getMessage()));
        }
    }

    private ProbeCheck.Result tcp(String host, int port, Duration timeout) {
        try (SocketChannel channel = node.call(SocketChannel::open)) {
            connect(channel, host, port, timeout);
            return ProbeCheck.Result.ok();
        } catch (IOException e) {
            return ProbeCheck.Result.failed("dial tcp " + host + ":" + port + ": " + reason(e));
        }
    }

    private ProbeCheck.Result httpGet(String host, int port, HTTPGetAction get, Duration timeout) {
        String path = Objects.requireNonNullElse(get.getPath(), "/");
        StringBuilder request = new StringBuilder();
        request.append("GET ").append(path.startsWith("/") ? path : "/" + path);
        request.append(" HTTP/1.1\r\n");
        boolean hasHost = false;
        if (get.getHttpHeaders() != null) {
            for (HTTPHeader header : get.getHttpHeaders()) {
                hasHost |= header.getName().equalsIgnoreCase("host");
                request.append(header.getName()).append(": ");
                request.append(header.getValue()).append("\r\n");
            }
        }
        if (!hasHost) {
            request.append("Host: ").append(host).append(':').append(port).append("\r\n");
        }
        request.append("User-Agent: kube-probe/1.33\r\nAccept: */*\r\nConnection: close\r\n\r\n");
        String url = "http://" + host + ":" + port + path;
        try (SocketChannel channel = node.call(SocketChannel::open)) {
            Socket socket = connect(channel, host, port, timeout);
            socket.getOutputStream()
                    .write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
            String status =
                    new BufferedReader(
                                    new InputStreamReader(
                                            socket.getInputStream(), StandardCharsets.ISO_8859_1))
                            .readLine();
            return judge(url, status);
        } catch (IOException e) {
            return ProbeCheck.Result.failed("Get \"" + url + "\": " + reason(e));
        }
    }

    private static ProbeCheck.Result judge(
            String url, @org.jspecify.annotations.Nullable String statusLine) {
        if (statusLine == null || !statusLine.matches("HTTP/1\\.[01] \\d{3}.*")) {
            return ProbeCheck.Result.failed("Get \"" + url + "\": no HTTP answer");
        }
        int code = Integer.parseInt(statusLine.substring(9, 12));
        return code >= 200 && code < 400
                ? ProbeCheck.Result.ok()
                : ProbeCheck.Result.failed("HTTP probe failed with statuscode: " + code);
    }

    private static Socket connect(SocketChannel channel, String host, int port, Duration timeout)
            throws IOException {
        Socket socket = channel.socket();
        int millis = (int) Math.max(1, timeout.toMillis());
        socket.setSoTimeout(millis);
        socket.connect(new InetSocketAddress(host, port), millis);
        return socket;
    }

    private static int port(IntOrString port, Container container) {
        if (port.getIntVal() != null) {
            return port.getIntVal();
        }
        for (ContainerPort named : container.getPorts()) {
            if (port.getStrVal().equals(named.getName())) {
                return named.getContainerPort();
            }
        }
        return port.getStrVal().matches("\\d{1,5}") ? Integer.parseInt(port.getStrVal()) : 0;
    }

    private static String reason(IOException e) {
        return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    }
}

package dev.coracle.nodeagent.probe;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.runtime.ExecResult;
import dev.coracle.nodeagent.runtime.RunningContainer;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.GRPCAction;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/** Makes checks; the network ones start in the node's namespace, as the kubelet's do. */
public final class ProbeChecks implements AutoCloseable {

    private final NetworkNamespace node;
    private final ProbeMetrics metrics;
    private final InstantSource clock;
    private @Nullable LoopResources loops;

    public ProbeChecks(NetworkNamespace node, ProbeMetrics metrics, InstantSource clock) {
        this.node = node;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** The check that {@code probe} describes; what it finds is counted for {@code target}. */
    public ProbeCheck of(
            Probe probe,
            Container container,
            String podAddress,
            RunningContainer run,
            ProbeMetrics.Target target) {
        ProbeCheck check = check(probe, container, podAddress, run);
        return timeout -> {
            var begin = clock.instant();
            ProbeCheck.Result result = check.look(timeout);
            metrics.count(target, result.success(), Duration.between(begin, clock.instant()));
            return result;
        };
    }

    /** Makes one request, whose status does not matter; why it failed, if it did. */
    public Optional<String> request(
            HTTPGetAction get, Container container, String podAddress, Duration timeout) {
        Optional<URI> uri = uri(get, container, podAddress);
        if (uri.isEmpty()) {
            return Optional.of("couldn't find port: " + text(get.getPort()));
        }
        List<io.fabric8.kubernetes.api.model.HTTPHeader> headers = get.getHttpHeaders();
        try {
            HttpCheck.Answer _ =
                    new HttpCheck(node, uri.get(), headers).request(uri.get(), timeout);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(HttpCheck.reason(uri.get(), e));
        }
    }

    /** Forgets what was counted for {@code target}. */
    public void forget(ProbeMetrics.Target target) {
        metrics.forget(target);
    }

    @Override
    public synchronized void close() {
        LoopResources opened = loops;
        if (opened != null) {
            opened.dispose();
        }
    }

    private ProbeCheck check(
            Probe probe, Container container, String podAddress, RunningContainer run) {
        if (probe.getExec() != null) {
            return timeout -> exec(run, probe.getExec().getCommand(), timeout);
        }
        if (probe.getHttpGet() != null) {
            HTTPGetAction get = probe.getHttpGet();
            return uri(get, container, podAddress)
                    .<ProbeCheck>map(uri -> new HttpCheck(node, uri, get.getHttpHeaders())::look)
                    .orElse(noPort(get.getPort()));
        }
        if (probe.getTcpSocket() != null) {
            String host = orElse(probe.getTcpSocket().getHost(), podAddress);
            return port(probe.getTcpSocket().getPort(), container)
                    .<ProbeCheck>map(port -> timeout -> tcp(host, port, timeout))
                    .orElse(noPort(probe.getTcpSocket().getPort()));
        }
        if (probe.getGrpc() != null) {
            GRPCAction grpc = probe.getGrpc();
            String service = orElse(grpc.getService(), "");
            return new GrpcCheck(node, loops(), podAddress, grpc.getPort(), service)::look;
        }
        return _ -> ProbeCheck.Result.failed("missing probe handler");
    }

    private static ProbeCheck.Result exec(
            RunningContainer run, List<String> command, Duration timeout) {
        try {
            ExecResult result = run.exec(command, timeout);
            return result.code() == 0
                    ? ProbeCheck.Result.ok()
                    : ProbeCheck.Result.failed(result.output());
        } catch (IOException e) {
            return ProbeCheck.Result.failed(String.valueOf(e.getMessage()));
        }
    }

    private ProbeCheck.Result tcp(String host, int port, Duration timeout) {
        try (SocketChannel channel = node.call(SocketChannel::open)) {
            Socket _ = HttpCheck.connect(channel, host, port, timeout);
            return ProbeCheck.Result.ok();
        } catch (IOException e) {
            return ProbeCheck.Result.failed(HttpCheck.dial(host, port, e));
        }
    }

    private synchronized LoopResources loops() {
        LoopResources opened = loops;
        if (opened == null) {
            opened = LoopResources.create("grpc-probe", 1, true);
            loops = opened;
        }
        return opened;
    }

    private static Optional<URI> uri(HTTPGetAction get, Container container, String podAddress) {
        String scheme = orElse(get.getScheme(), "HTTP").toLowerCase(Locale.ROOT);
        String path = orElse(get.getPath(), "/");
        return port(get.getPort(), container)
                .map(port ->
                        URI.create(
                                "%s://%s:%d%s%s"
                                        .formatted(
                                                scheme,
                                                orElse(get.getHost(), podAddress),
                                                port,
                                                path.startsWith("/") ? "" : "/",
                                                path.replace(" ", "%20"))));
    }

    private static Optional<Integer> port(IntOrString port, Container container) {
        if (port.getIntVal() != null) {
            return Optional.of(port.getIntVal());
        }
        for (ContainerPort named : container.getPorts()) {
            if (port.getStrVal().equals(named.getName())) {
                return Optional.of(named.getContainerPort());
            }
        }
        return port.getStrVal().matches("\\d{1,5}")
                ? Optional.of(Integer.parseInt(port.getStrVal()))
                : Optional.empty();
    }

    private static ProbeCheck noPort(IntOrString port) {
        return _ -> ProbeCheck.Result.failed("couldn't find port: " + text(port));
    }

    private static String text(IntOrString port) {
        return String.valueOf(port.getValue());
    }

    private static String orElse(@Nullable String text, String otherwise) {
        String present = Objects.requireNonNullElse(text, "");
        return present.isEmpty() ? otherwise : present;
    }
}

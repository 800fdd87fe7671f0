package dev.coracle.nodeagent.server;

import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins a client's stream with a port of a pod, inside its network namespace. Blocks.
 *
 * @param address the pod's, which is dialled where it shares the agent's namespace
 */
record PortForward(String podId, Path namespace, String address) {

    private static final Logger log = LoggerFactory.getLogger(PortForward.class);
    private static final Inet4Address LOCALHOST = NetUtil.LOCALHOST4;

    /**
     * Carries one connection until the pod or {@code client} ends it; what goes wrong is told on
     * {@code error}.
     */
    void run(Channel client, int port, InputStream from, OutputStream to, OutputStream error) {
        try (SocketChannel socket = dial(port)) {
            var _ = client.closeFuture().addListener(_ -> closeAll(socket));
            Thread _ = Thread.ofVirtual().name("forward-" + port).start(() -> send(from, socket));
            try (to) {
                Channels.newInputStream(socket).transferTo(to);
            } catch (IOException e) {
                log.debug("port {} of pod {}: {}", port, podId, e.toString());
            }
        } catch (IOException e) {
            tell(error, port, e);
        } finally {
            closeAll(from, to, error);
        }
    }

    private static void send(InputStream from, SocketChannel socket) {
        try {
            from.transferTo(Channels.newOutputStream(socket));
            var _ = socket.shutdownOutput();
        } catch (IOException e) {
            log.trace("the pod reads no more: {}", e.toString());
        }
    }

    private SocketChannel dial(int port) throws IOException {
        SocketChannel socket;
        try (NetworkNamespace entered = NetworkNamespace.at(podId, namespace)) {
            socket = entered.call(() -> SocketChannel.open(StandardProtocolFamily.INET));
        }
        try {
            boolean shared = namespace.equals(NetworkNamespace.OWN);
            socket.connect(
                    new InetSocketAddress(
                            shared ? InetAddress.ofLiteral(address) : LOCALHOST, port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw new IOException(
                    "failed to connect to localhost:"
                            + port
                            + " inside namespace \""
                            + podId
                            + "\": "
                            + e.getMessage(),
                    e);
        }
    }

    private void tell(OutputStream error, int port, IOException e) {
        String message =
                "error forwarding port " + port + " to pod " + podId + ", uid : " + e.getMessage();
        try {
            error.write(message.getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            log.trace("a client has gone: {}", gone.toString());
        }
    }

    private static void closeAll(java.io.Closeable... streams) {
        for (java.io.Closeable stream : streams) {
            try {
                stream.close();
            } catch (IOException e) {
                log.trace("already closed: {}", e.toString());
            }
        }
    }
}

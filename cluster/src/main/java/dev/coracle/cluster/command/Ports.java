package dev.coracle.cluster.command;

import dev.coracle.cluster.part.StartupException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Checks the ports the cluster needs on the host's loopback, before anything is made. */
final class Ports {

    private Ports() {}

    /** A port that is free now. */
    static int anyFree() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /** Fails with a sentence naming the option, when the port is in use. */
    static void refuseIfTaken(String option, int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            if (socket.getLocalPort() != port) {
                throw new IllegalStateException("bound " + socket.getLocalPort());
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new StartupException(
                    "port "
                            + port
                            + " on 127.0.0.1 cannot be used ("
                            + e.getMessage()
                            + "); choose another with "
                            + option);
        }
    }
}

package dev.coracle.fabric.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;

/** Runs as root with iproute2; makes and removes one namespace. */
class NetworkNamespaceIT {

    private static final String NAME = "coracle-netns-it";

    @Test
    void opensSocketsInsideTheNamespaceOnly() throws Exception {
        ip("netns", "add", NAME);
        try (NetworkNamespace namespace = NetworkNamespace.named(NAME)) {
            // a new namespace has one interface, and it is down
            assertThat(namespace.call(() -> NetworkInterface.getByName("lo").isUp())).isFalse();
            assertThat(NetworkInterface.getByName("lo").isUp()).isTrue();
            InetAddress loopback = InetAddress.getLoopbackAddress();
            try (SocketChannel channel = namespace.call(SocketChannel::open)) {
                assertThatThrownBy(() -> channel.connect(new InetSocketAddress(loopback, 9)))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("unreachable");
            }
        } finally {
            ip("netns", "del", NAME);
        }
    }

    @Test
    void saysWhichNamespaceIsMissing() {
        try (NetworkNamespace namespace = NetworkNamespace.named("coracle-no-such")) {
            assertThatThrownBy(() -> namespace.call(() -> 1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("'coracle-no-such' does not exist");
        }
    }

    private static void ip(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "ip";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}

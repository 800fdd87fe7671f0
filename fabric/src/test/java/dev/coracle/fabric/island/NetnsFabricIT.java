package dev.coracle.fabric.island;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs as root; builds an island of its own beside any other. */
class NetnsFabricIT {

    private static final AddressPlan PLAN =
            new AddressPlan(
                    Cidr.of("10.139.0.0/24"),
                    Cidr.of("10.144.0.0/16"),
                    Cidr.of("10.146.0.0/16"),
                    Cidr.of("10.138.0.0/24"));
    private static final FabricProperties PROPERTIES =
            FabricProperties.of("fabit" + ProcessHandle.current().pid() % 10000, PLAN);

    private final NetnsFabric fabric = new NetnsFabric(PROPERTIES);

    @AfterEach
    void remove() throws IOException {
        fabric.remove();
    }

    @Test
    void carriesConnectionsBetweenHostFabricAndNodes() throws IOException {
        fabric.ensure();
        fabric.addNode("one", PLAN.node(1));
        fabric.addNode("two", PLAN.node(2));
        try (NetworkNamespace one = NetworkNamespace.named(fabric.plan().nodeNamespace("one"));
                NetworkNamespace two = NetworkNamespace.named(fabric.plan().nodeNamespace("two"));
                NetworkNamespace middle = PROPERTIES.fabricNamespace();
                ServerSocketChannel server = one.call(ServerSocketChannel::open)) {
            InetSocketAddress address = new InetSocketAddress(PLAN.node(1), 7777);
            server.bind(address);
            assertConnects(NetworkNamespace.host(), server, address);
            assertConnects(middle, server, address);
            assertConnects(two, server, address);
        }
    }

    @Test
    void doesNotMindALinkThatTheKernelTookFirst() throws IOException {
        fabric.ensure();

        assertThatCode(() -> Tool.deleteLink(fabric.plan().fabricNamespace(), "nosuch"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> Tool.deleteLink(fabric.plan().fabricNamespace(), "lo"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("link del lo");
    }

    @Test
    void isMadeByTheFirstServiceThatIsToldTo() throws IOException {
        Map<String, String> settings =
                new HashMap<>(
                        Map.of(
                                "coracle.fabric.prefix", PROPERTIES.prefix(),
                                "coracle.fabric.nodes", PLAN.nodes().toString(),
                                "coracle.fabric.pods", PLAN.pods().toString(),
                                "coracle.fabric.services", PLAN.services().toString(),
                                "coracle.fabric.load-balancers", PLAN.loadBalancers().toString()));
        NetnsFabric.ensureIfEnabled(settings::get);
        assertThat(Namespaces.exists(fabric.plan().fabricNamespace())).isFalse();

        settings.put("coracle.fabric.enabled", "true");
        NetnsFabric.ensureIfEnabled(settings::get);
        NetnsFabric.ensureIfEnabled(settings::get);
        assertThat(Namespaces.exists(fabric.plan().fabricNamespace())).isTrue();
    }

    @Test
    void findsANodeAgainThatCameBack() throws IOException {
        fabric.ensure();
        InetSocketAddress address = new InetSocketAddress(PLAN.node(1), 7777);
        for (int i = 0; i < 2; i++) {
            fabric.addNode("one", PLAN.node(1));
            try (NetworkNamespace one = NetworkNamespace.named(fabric.plan().nodeNamespace("one"));
                    ServerSocketChannel server = one.call(ServerSocketChannel::open);
                    Socket client = new Socket()) {
                server.bind(address);
                // a second would be lost to a neighbour entry that names the old link
                client.connect(address, 900);
            }
        }
    }

    @Test
    void keepsPodAndServiceAddressesOffTheHostsUplink() throws IOException {
        fabric.ensure();
        try (Socket socket = new Socket()) {
            assertThatThrownBy(() -> socket.connect(new InetSocketAddress("10.146.0.1", 80), 2000))
                    .isInstanceOf(NoRouteToHostException.class);
        }
    }

    @Test
    void isMadeOnceAndRemovedWhole() throws IOException {
        String before = hostState();
        fabric.ensure();
        String made = hostState();
        new NetnsFabric(PROPERTIES).ensure();
        assertThat(hostState()).isEqualTo(made).isNotEqualTo(before);
        fabric.addNode("one", PLAN.node(1));
        Process left =
                new ProcessBuilder(
                                "ip",
                                "netns",
                                "exec",
                                fabric.plan().nodeNamespace("one"),
                                "sleep",
                                "600")
                        .start();
        // somebody else finds all of it by name
        new NetnsFabric(PROPERTIES).remove();
        assertThat(hostState()).isEqualTo(before);
        assertThat(left.onExit()).succeedsWithin(java.time.Duration.ofSeconds(2));
    }

    @Test
    void refusesARangeTheHostUses() throws IOException {
        fabric.ensure();
        NetnsFabric second =
                new NetnsFabric(
                        FabricProperties.of(
                                "fabbad",
                                new AddressPlan(
                                        Cidr.of("10.140.0.0/24"),
                                        PLAN.pods(),
                                        Cidr.of("10.141.0.0/16"),
                                        Cidr.of("127.0.0.0/16"))));
        assertThatThrownBy(second::ensure)
                .hasMessageContaining("127.0.0.0/16 is already used by this host")
                .hasMessageContaining("coracle.fabric");
        assertThat(Namespaces.startingWith("fabbad")).isEmpty();
    }

    private static void assertConnects(
            NetworkNamespace from, ServerSocketChannel server, InetSocketAddress address)
            throws IOException {
        try (SocketChannel client = from.call(SocketChannel::open)) {
            assertThat(client.connect(address)).isTrue();
            server.accept().close();
        }
    }

    /** What the host shows of this island; others may come and go at the same time. */
    private static String hostState() throws IOException {
        String all =
                Tool.run("ip", "-o", "link")
                        + Tool.run("ip", "route", "show", "table", "all")
                        + Tool.run("ip", "rule");
        return all.lines()
                        .filter(line ->
                                line.contains(PROPERTIES.prefix())
                                        || PLAN.ranges().stream()
                                                .map(Cidr::toString)
                                                .map(range -> range.substring(0, 7))
                                                .anyMatch(line::contains))
                        .map(line -> line.replaceAll("^\\d+: ", ""))
                        .toList()
                + String.join(" ", Namespaces.startingWith(PROPERTIES.prefix()));
    }
}

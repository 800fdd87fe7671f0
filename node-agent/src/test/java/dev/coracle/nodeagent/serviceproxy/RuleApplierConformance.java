package dev.coracle.nodeagent.serviceproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.island.NetnsFabric;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.podnetwork.PodLinks.Attachment;
import dev.coracle.nodeagent.podnetwork.PodNetwork;
import dev.coracle.nodeagent.serviceproxy.RuleSet.Backend;
import dev.coracle.nodeagent.serviceproxy.RuleSet.Protocol;
import dev.coracle.nodeagent.serviceproxy.RuleSet.ServiceRule;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every rule applier does, with real sockets: two nodes, two pods on the first and one on the
 * second, each a listener that answers with its name.
 */
abstract class RuleApplierConformance {

    private static final AddressPlan PLAN =
            new AddressPlan(
                    Cidr.of("10.159.0.0/24"),
                    Cidr.of("10.164.0.0/16"),
                    Cidr.of("10.166.0.0/16"),
                    Cidr.of("10.158.0.0/24"));
    private static final String CLUSTER_IP = "10.166.0.7";
    private static final int PORT = 3000;

    private final FabricProperties properties =
            FabricProperties.of("corra" + ProcessHandle.current().pid() % 10000, PLAN);
    private final NetnsFabric fabric = new NetnsFabric(properties);
    private final List<AutoCloseable> open = new ArrayList<>();
    private NetworkNamespace nodeOne = NetworkNamespace.host();
    private NetworkNamespace podA = NetworkNamespace.host();
    private NetworkNamespace podC = NetworkNamespace.host();
    private String a = "";
    private String b = "";
    private String c = "";
    private RuleApplier applier = NONE;

    private static final RuleApplier NONE =
            new RuleApplier() {
                @Override
                public void apply(RuleSet rules) {
                    throw new IllegalStateException("not built");
                }

                @Override
                public void close() {
                    // nothing is open
                }
            };

    abstract RuleApplier applier(NodeNetwork node, NetworkNamespace namespace) throws IOException;

    @BeforeEach
    void build() throws IOException {
        fabric.ensure();
        fabric.addNode("one", PLAN.node(1));
        fabric.addNode("two", PLAN.node(2));
        PodNetwork one = network("one", PLAN.node(1), "10.164.1.0/24");
        PodNetwork two = network("two", PLAN.node(2), "10.164.2.0/24");
        one.routeTo("10.164.2.0/24", PLAN.node(2));
        two.routeTo("10.164.1.0/24", PLAN.node(1));
        nodeOne = kept(NetworkNamespace.named(fabric.plan().nodeNamespace("one")));
        Attachment first = one.attach("a");
        Attachment second = one.attach("b");
        Attachment third = two.attach("c");
        podA = kept(NetworkNamespace.at("a", first.namespace()));
        podC = kept(NetworkNamespace.at("c", third.namespace()));
        a = serve(podA, "a", first.address());
        b = serve(kept(NetworkNamespace.at("b", second.namespace())), "b", second.address());
        c = serve(podC, "c", third.address());
        applier =
                kept(
                        applier(
                                new NodeNetwork(
                                        nodeOne.name(), PLAN.node(1), "10.164.1.0/24", PLAN),
                                nodeOne));
    }

    @AfterEach
    void remove() throws Exception {
        for (AutoCloseable part : open.reversed()) {
            part.close();
        }
        fabric.remove();
    }

    @Test
    void spreadsAClusterIpOverAllBackends() throws IOException {
        applier.apply(rules(0, backends(a, b, c)));
        assertThat(answers(podA, CLUSTER_IP, 80, 60)).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(answers(nodeOne, CLUSTER_IP, 80, 60)).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void letsAPodReachItself() throws IOException {
        applier.apply(rules(0, backends(a)));
        assertThat(answers(podA, CLUSTER_IP, 80, 3)).containsExactly("a");
    }

    @Test
    void opensTheNodePortToTheHostAndOtherNodes() throws IOException {
        applier.apply(rules(32000, backends(a, c)));
        assertThat(answers(NetworkNamespace.host(), PLAN.node(1), 32000, 40))
                .containsExactlyInAnyOrder("a", "c");
        assertThat(answers(podC, PLAN.node(1), 32000, 40)).containsExactlyInAnyOrder("a", "c");
    }

    @Test
    void refusesAtOnceWithoutBackends() throws IOException {
        applier.apply(rules(32000, List.of()));
        assertRefused(podA, CLUSTER_IP, 80);
        assertRefused(nodeOne, CLUSTER_IP, 80);
        assertRefused(podA, CLUSTER_IP, 81);
        assertRefused(NetworkNamespace.host(), PLAN.node(1), 32000);
    }

    @Test
    void followsAChangeForTheNextConnection() throws IOException {
        applier.apply(rules(0, backends(a)));
        assertThat(answers(podA, CLUSTER_IP, 80, 3)).containsExactly("a");
        applier.apply(rules(0, backends(b)));
        assertThat(answers(podA, CLUSTER_IP, 80, 3)).containsExactly("b");
        applier.apply(new RuleSet(List.of()));
        assertRefused(podA, CLUSTER_IP, 80);
    }

    @Test
    void keepsAnEstablishedConnectionThroughAChange() throws IOException {
        applier.apply(rules(0, backends(a)));
        try (SocketChannel client = connect(podA, CLUSTER_IP, 80)) {
            assertThat(read(client)).isEqualTo("a");
            applier.apply(rules(0, backends(b)));
            client.write(ByteBuffer.wrap(new byte[] {'x'}));
            assertThat(read(client)).isEqualTo("x");
        }
    }

    @Test
    void servesAnAddressOfTheLoadBalancer() throws IOException {
        applier.apply(
                new RuleSet(
                        List.of(
                                new ServiceRule(
                                        "default/web:80",
                                        Protocol.TCP,
                                        List.of(CLUSTER_IP, "10.158.0.9"),
                                        80,
                                        0,
                                        backends(b),
                                        backends(b),
                                        false,
                                        false))));
        assertThat(answers(podA, "10.158.0.9", 80, 3)).containsExactly("b");
    }

    @Test
    void keepsAStickyClientOnOneBackend() throws IOException {
        applier.apply(
                new RuleSet(
                        List.of(
                                new ServiceRule(
                                        "default/web:80",
                                        Protocol.TCP,
                                        List.of(CLUSTER_IP),
                                        80,
                                        0,
                                        backends(a, b, c),
                                        backends(a, b, c),
                                        false,
                                        true))));
        assertThat(answers(podA, CLUSTER_IP, 80, 20)).hasSize(1);
    }

    @Test
    void carriesUdp() throws IOException {
        applier.apply(
                new RuleSet(
                        List.of(
                                new ServiceRule(
                                        "default/dns:53",
                                        Protocol.UDP,
                                        List.of(CLUSTER_IP),
                                        53,
                                        0,
                                        backends(c),
                                        backends(c),
                                        false,
                                        false))));
        try (DatagramChannel client = podA.call(DatagramChannel::open)) {
            client.connect(new InetSocketAddress(CLUSTER_IP, 53));
            client.socket().setSoTimeout(3000);
            client.write(ByteBuffer.wrap("ping".getBytes(StandardCharsets.UTF_8)));
            java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[16], 16);
            client.socket().receive(packet);
            assertThat(packet.getLength()).isEqualTo(4);
        }
    }

    private PodNetwork network(String node, String address, String range) throws IOException {
        fabric.routePods(range, address);
        return new PodNetwork(fabric.plan(), node, address, Cidr.of(range));
    }

    private static RuleSet rules(int nodePort, List<Backend> backends) {
        return new RuleSet(
                List.of(
                        new ServiceRule(
                                "default/web:80",
                                Protocol.TCP,
                                List.of(CLUSTER_IP),
                                80,
                                nodePort,
                                backends,
                                backends,
                                false,
                                false)));
    }

    private static List<Backend> backends(String... addresses) {
        return List.of(addresses).stream().map(address -> new Backend(address, PORT)).toList();
    }

    private static Set<String> answers(NetworkNamespace from, String address, int port, int times)
            throws IOException {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < times; i++) {
            try (SocketChannel client = connect(from, address, port)) {
                answers.add(read(client));
            }
        }
        return answers;
    }

    private static void assertRefused(NetworkNamespace from, String address, int port) {
        long before = System.nanoTime();
        assertThatThrownBy(
                        () -> {
                            // user space accepts first and resets then
                            try (SocketChannel client = connect(from, address, port)) {
                                if (client.read(ByteBuffer.allocate(1)) < 0) {
                                    throw new ClosedChannelException();
                                }
                            }
                        })
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(java.net.SocketTimeoutException.class)
                .isNotInstanceOf(ClosedChannelException.class);
        assertThat(System.nanoTime() - before).isLessThan(2_000_000_000L);
    }

    private static SocketChannel connect(NetworkNamespace from, String address, int port)
            throws IOException {
        SocketChannel channel = from.call(SocketChannel::open);
        try {
            channel.socket().setSoTimeout(3000);
            channel.socket().connect(new InetSocketAddress(address, port), 3000);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static String read(SocketChannel client) throws IOException {
        int next = client.socket().getInputStream().read();
        return String.valueOf((char) next);
    }

    /** Listens for TCP (answers its name, then echoes) and UDP (echoes); returns the address. */
    private String serve(NetworkNamespace pod, String name, String address) throws IOException {
        ServerSocketChannel server = kept(pod.call(ServerSocketChannel::open));
        server.bind(new InetSocketAddress(address, PORT));
        Thread.ofVirtual().start(() -> accept(server, name));
        DatagramChannel udp = kept(pod.call(DatagramChannel::open));
        udp.bind(new InetSocketAddress(address, PORT));
        Thread.ofVirtual().start(() -> echo(udp));
        return address;
    }

    private static void accept(ServerSocketChannel server, String name) {
        try {
            while (server.isOpen()) {
                SocketChannel client = server.accept();
                Thread.ofVirtual().start(() -> answer(client, name));
            }
        } catch (IOException _) {
            // closed at the end of the test
        }
    }

    private static void answer(SocketChannel client, String name) {
        try (client) {
            client.write(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)));
            ByteBuffer buffer = ByteBuffer.allocate(64);
            while (client.read(buffer) >= 0) {
                client.write(buffer.flip());
                buffer.clear();
            }
        } catch (IOException _) {
            // the client has gone
        }
    }

    private static void echo(DatagramChannel udp) {
        try {
            ByteBuffer buffer = ByteBuffer.allocate(64);
            while (udp.isOpen()) {
                buffer.clear();
                var from = udp.receive(buffer);
                udp.send(buffer.flip(), from);
            }
        } catch (IOException _) {
            // closed at the end of the test
        }
    }

    private <T extends AutoCloseable> T kept(T part) {
        open.add(part);
        return part;
    }
}

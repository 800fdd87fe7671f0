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
import dev.coracle.nodeagent.serviceproxy.PacketTracer.Fate;
import dev.coracle.nodeagent.serviceproxy.PacketTracer.Packet;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Kind;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Targets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
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
    private static final String OUTSIDE_IP = "203.0.113.9";
    private static final String BALANCER_IP = "10.158.0.9";
    private static final int NODE_PORT = 32000;
    private static final int PORT = 3000;
    private static final NodeNetwork NODE =
            new NodeNetwork("", List.of(PLAN.node(1)), Cidr.of("10.164.1.0/24"), PLAN);

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
    private RuleSet inForce = RuleSet.EMPTY;

    private static final RuleApplier NONE =
            new RuleApplier() {
                @Override
                public void apply(RuleSet.Change change) {
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
        Attachment first = one.attach("a", List.of());
        Attachment second = one.attach("b", List.of());
        Attachment third = two.attach("c", List.of());
        podA = kept(NetworkNamespace.at("a", first.namespace()));
        podC = kept(NetworkNamespace.at("c", third.namespace()));
        a = serve(podA, "a", first.address());
        b = serve(kept(NetworkNamespace.at("b", second.namespace())), "b", second.address());
        c = serve(podC, "c", third.address());
        applier =
                kept(
                        applier(
                                new NodeNetwork(
                                        nodeOne.name(), NODE.addresses(), NODE.podCidr(), PLAN),
                                nodeOne));
    }

    @AfterEach
    void remove() throws Exception {
        for (AutoCloseable part : open.reversed()) {
            part.close();
        }
        fabric.remove();
    }

    /** Whether backends see the client's address where a rule set lets them. */
    abstract boolean keepsSources();

    @Test
    void spreadsAClusterIpOverAllBackends() throws IOException {
        apply(web(clusterIp(), backends(a, b, c)));
        assertThat(answers(podA, CLUSTER_IP, 80, 60)).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(answers(nodeOne, CLUSTER_IP, 80, 60)).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void letsAPodReachItself() throws IOException {
        apply(web(clusterIp(), backends(a)));
        assertThat(answers(podA, CLUSTER_IP, 80, 3)).containsExactly("a");
    }

    @Test
    void opensTheNodePortToTheHostAndOtherNodes() throws IOException {
        apply(web(List.of(clusterIp().getFirst(), nodePort()), backends(a, c)));
        for (NetworkNamespace from : List.of(NetworkNamespace.host(), podC, podA, nodeOne)) {
            assertThat(answers(from, PLAN.node(1), NODE_PORT, 40))
                    .containsExactlyInAnyOrder("a", "c");
        }
    }

    @Test
    void refusesAtOnceWithoutBackends() throws IOException {
        apply(web(List.of(clusterIp().getFirst(), nodePort()), List.of()));
        assertRefused(podA, CLUSTER_IP, 80);
        assertRefused(nodeOne, CLUSTER_IP, 80);
        assertRefused(podA, CLUSTER_IP, 81);
        assertRefused(NetworkNamespace.host(), PLAN.node(1), NODE_PORT);
        assertRefused(podA, PLAN.node(1), NODE_PORT);
    }

    @Test
    void followsAChangeForTheNextConnection() throws IOException {
        apply(web(clusterIp(), backends(a)));
        assertThat(answers(podA, CLUSTER_IP, 80, 3)).containsExactly("a");
        apply(web(clusterIp(), backends(b)));
        assertThat(answers(podA, CLUSTER_IP, 80, 3)).containsExactly("b");
        apply();
        assertRefused(podA, CLUSTER_IP, 80);
    }

    @Test
    void keepsAnEstablishedConnectionThroughAChange() throws IOException {
        apply(web(clusterIp(), backends(a)));
        try (SocketChannel client = connect(podA, CLUSTER_IP, 80)) {
            assertThat(read(client)).startsWith("a ");
            apply(web(clusterIp(), backends(b)));
            client.write(ByteBuffer.wrap("x\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(read(client)).isEqualTo("x");
        }
    }

    @Test
    void servesAddressesOfTheLoadBalancerAndOutsideOnes() throws IOException {
        apply(
                web(
                        List.of(
                                clusterIp().getFirst(),
                                new Front(Kind.BALANCER, BALANCER_IP, 80),
                                new Front(Kind.EXTERNAL, OUTSIDE_IP, 80)),
                        backends(b)));
        for (NetworkNamespace from : List.of(podA, nodeOne)) {
            assertThat(answers(from, BALANCER_IP, 80, 3)).containsExactly("b");
            assertThat(answers(from, OUTSIDE_IP, 80, 3)).containsExactly("b");
        }
    }

    @Test
    void givesAnAddressTwoServicesNameToTheFirstAndThenToTheOther() throws IOException {
        Front shared = new Front(Kind.EXTERNAL, OUTSIDE_IP, 80);
        ServiceRule first = rule("default/first", List.of(shared), Targets.all(backends(a)), 0);
        ServiceRule second = rule("default/second", List.of(shared), Targets.all(backends(b)), 0);
        apply(first);
        apply(first, second);
        assertThat(answers(podA, OUTSIDE_IP, 80, 3)).containsExactly("a");
        apply(second);
        assertThat(answers(podA, OUTSIDE_IP, 80, 3)).containsExactly("b");
    }

    @Test
    void keepsAStickyClientOnOneBackendThroughChangesOfTheList() throws IOException {
        apply(sticky(a, b, c));
        Set<String> first = answers(podA, CLUSTER_IP, 80, 20);
        assertThat(first).hasSize(1);
        String kept = first.iterator().next();
        String other = kept.equals("c") ? "b" : "c";
        apply(sticky(address(kept), address(other)));
        assertThat(answers(podA, CLUSTER_IP, 80, 20)).containsExactly(kept);
        apply(sticky(a, b, c));
        assertThat(answers(podA, CLUSTER_IP, 80, 20)).containsExactly(kept);
        apply(sticky(address(other)));
        assertThat(answers(podA, CLUSTER_IP, 80, 20)).containsExactly(other);
    }

    @Test
    void carriesUdpAndLeavesABackendThatIsGone() throws IOException {
        apply(dns(c));
        try (DatagramChannel client = podA.call(DatagramChannel::open)) {
            client.connect(new InetSocketAddress(CLUSTER_IP, 53));
            client.socket().setSoTimeout(500);
            assertThat(ask(client)).isEqualTo("c");
            apply(dns(b));
            assertThat(ask(client)).isEqualTo("b");
            apply(dns(b, c));
            assertThat(ask(client)).isEqualTo("b");
        }
    }

    @Test
    void servesAUdpClientThatWasThereBeforeTheService() throws IOException {
        Front front = new Front(Kind.NODE, PLAN.node(1), 32053);
        try (DatagramChannel client = podA.call(DatagramChannel::open)) {
            client.bind(new InetSocketAddress(a, 40053));
            client.socket().setSoTimeout(500);
            InetSocketAddress target = new InetSocketAddress(front.address(), front.port());
            client.send(ByteBuffer.wrap(new byte[] {'x'}), target);
            apply(
                    new ServiceRule(
                            "default/dns:53/udp",
                            Protocol.UDP,
                            List.of(front),
                            Targets.all(backends(b)),
                            0,
                            List.of()));
            client.connect(target);
            assertThat(ask(client)).isEqualTo("b");
        }
    }

    /**
     * Any rule set, in any order: what a client gets is what the tracer says, from each place to
     * each front.
     */
    @Test
    void doesWithEveryConnectionWhatTheTracerSays() throws IOException {
        Random random = new Random(20260102);
        for (int round = 0; round < 6; round++) {
            RuleSet rules = GeneratedRules.any(random, backends(a, b, c), PLAN);
            apply(rules.rules().toArray(ServiceRule[]::new));
            for (ServiceRule rule : rules.rules()) {
                for (Front front : rule.fronts()) {
                    assertFate(rules, front, podA, a);
                    assertFate(rules, front, nodeOne, PLAN.node(1));
                    if (front.kind() == Kind.NODE) {
                        assertFate(rules, front, podC, c);
                        assertFate(rules, front, NetworkNamespace.host(), PLAN.host());
                    }
                }
            }
        }
    }

    private void assertFate(RuleSet rules, Front front, NetworkNamespace from, String source)
            throws IOException {
        Packet packet = new Packet(source, front.address(), Protocol.TCP, front.port());
        String what = packet + " in " + rules;
        switch (PacketTracer.trace(rules, NODE, packet)) {
            case Fate.Delivered(Map<Backend, String> sources) -> {
                Set<String> possible = new HashSet<>();
                sources.forEach((backend, seen) ->
                        possible.add(name(backend.address()) + (keepsSources() ? " " + seen : "")));
                Set<String> answers = new HashSet<>();
                // the kernel draws lots: often enough for each to have had its turn
                for (int i = 0; i < 25 || (i < 500 && !answers.containsAll(possible)); i++) {
                    String answer = answerOrFail(from, front, what);
                    answers.add(keepsSources() ? answer : answer.substring(0, 1));
                }
                assertThat(answers).as(what).isEqualTo(possible);
            }
            case Fate.Refused _ -> assertRefused(from, front.address(), front.port());
            case Fate.Denied _ -> assertUnreached(from, front.address(), front.port());
            case Fate.Passed _ -> throw new AssertionError(what);
        }
    }

    private static String answerOrFail(NetworkNamespace from, Front front, String what) {
        try {
            return answer(from, front.address(), front.port());
        } catch (IOException e) {
            throw new AssertionError(what, e);
        }
    }

    private void apply(ServiceRule... rules) throws IOException {
        RuleSet wanted = new RuleSet(List.of(rules));
        applier.apply(inForce.to(wanted));
        inForce = wanted;
    }

    private static List<Front> clusterIp() {
        return List.of(new Front(Kind.CLUSTER, CLUSTER_IP, 80));
    }

    private static Front nodePort() {
        return new Front(Kind.NODE, PLAN.node(1), NODE_PORT);
    }

    private static ServiceRule rule(
            String name, List<Front> fronts, Targets targets, int affinitySeconds) {
        return new ServiceRule(name, Protocol.TCP, fronts, targets, affinitySeconds, List.of());
    }

    private static ServiceRule web(List<Front> fronts, List<Backend> backends) {
        return rule("default/web:80/tcp", fronts, Targets.all(backends), 0);
    }

    private ServiceRule sticky(String... addresses) {
        return rule("default/web:80/tcp", clusterIp(), Targets.all(backends(addresses)), 600);
    }

    private ServiceRule dns(String... addresses) {
        return new ServiceRule(
                "default/dns:53/udp",
                Protocol.UDP,
                List.of(new Front(Kind.CLUSTER, CLUSTER_IP, 53)),
                Targets.all(backends(addresses)),
                0,
                List.of());
    }

    private String address(String name) {
        return name.equals("a") ? a : name.equals("b") ? b : c;
    }

    private String name(String address) {
        return address.equals(a) ? "a" : address.equals(b) ? "b" : "c";
    }

    /** Asks again when no answer comes: a datagram may be lost while a backend goes. */
    private static String ask(DatagramChannel client) throws IOException {
        java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[16], 16);
        for (int i = 0; i < 10; i++) {
            client.write(ByteBuffer.wrap("ping".getBytes(StandardCharsets.UTF_8)));
            try {
                client.socket().receive(packet);
                return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException | PortUnreachableException _) {
                // once more
            }
        }
        throw new SocketTimeoutException("no answer to ten datagrams");
    }

    /** No connection, at once or after a time. */
    private static void assertUnreached(NetworkNamespace from, String address, int port) {
        assertThatThrownBy(
                        () -> {
                            try (SocketChannel channel = from.call(SocketChannel::open)) {
                                channel.socket().setSoTimeout(200);
                                channel.socket().connect(new InetSocketAddress(address, port), 200);
                                if (channel.socket().getInputStream().read() < 0) {
                                    throw new IOException("closed");
                                }
                            }
                        })
                .isInstanceOf(IOException.class);
    }

    private PodNetwork network(String node, String address, String range) throws IOException {
        fabric.routePods(range, address);
        return new PodNetwork(fabric.plan(), node, address, Cidr.of(range));
    }

    private static List<Backend> backends(String... addresses) {
        return List.of(addresses).stream().map(address -> new Backend(address, PORT)).toList();
    }

    private static Set<String> answers(NetworkNamespace from, String address, int port, int times)
            throws IOException {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < times; i++) {
            answers.add(answer(from, address, port).substring(0, 1));
        }
        return answers;
    }

    /** The backend's name, and the address it has seen. */
    private static String answer(NetworkNamespace from, String address, int port)
            throws IOException {
        try (SocketChannel client = connect(from, address, port)) {
            return read(client);
        }
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
                .isNotInstanceOf(SocketTimeoutException.class)
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

    /** One line. */
    private static String read(SocketChannel client) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = client.socket().getInputStream().read();
                next >= 0 && next != '\n';
                next = client.socket().getInputStream().read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    /**
     * Listens for TCP (answers its name and the client's address, then echoes) and UDP (answers its
     * name); returns the address.
     */
    private String serve(NetworkNamespace pod, String name, String address) throws IOException {
        ServerSocketChannel server = kept(pod.call(ServerSocketChannel::open));
        server.bind(new InetSocketAddress(address, PORT));
        Thread.ofVirtual().start(() -> accept(server, name));
        DatagramChannel udp = kept(pod.call(DatagramChannel::open));
        udp.bind(new InetSocketAddress(address, PORT));
        Thread.ofVirtual().start(() -> answerAll(udp, name));
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
            String peer = client.socket().getInetAddress().getHostAddress();
            client.write(
                    ByteBuffer.wrap((name + " " + peer + "\n").getBytes(StandardCharsets.UTF_8)));
            ByteBuffer buffer = ByteBuffer.allocate(64);
            while (client.read(buffer) >= 0) {
                client.write(buffer.flip());
                buffer.clear();
            }
        } catch (IOException _) {
            // the client has gone
        }
    }

    private static void answerAll(DatagramChannel udp, String name) {
        try {
            ByteBuffer buffer = ByteBuffer.allocate(64);
            while (udp.isOpen()) {
                buffer.clear();
                var from = udp.receive(buffer);
                udp.send(ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8)), from);
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

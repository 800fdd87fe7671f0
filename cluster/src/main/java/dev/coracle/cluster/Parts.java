package dev.coracle.cluster;

import dev.coracle.cloudlb.CloudLbProperties;
import dev.coracle.cluster.fabric.Fabric;
import dev.coracle.cluster.part.Part;
import dev.coracle.cluster.part.StartupException;
import dev.coracle.dns.DnsProperties;
import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.FabricProperties;
import dev.coracle.fabric.UserPorts;
import dev.coracle.fabric.island.Namespaces;
import dev.coracle.fabric.island.NetnsFabric;
import dev.coracle.gateway.GatewayProperties;
import dev.coracle.nodeagent.runtime.PlainRuntime;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The settings of the services in the fabric that was chosen: in a network namespace, or on
 * loopback addresses of the host.
 */
record Parts(
        Part fabric,
        String[] apiServer,
        DnsProperties dns,
        CloudLbProperties cloud,
        GatewayProperties gateway) {

    private static final int MOST_NODES = 100;

    /**
     * The settings.
     *
     * @param goesOn whether the networks of a cluster that was killed are taken over
     */
    static Parts of(ClusterOptions options, FabricProperties properties, boolean goesOn) {
        return options.fabric().fabric() == Fabric.LOOPBACK
                ? onLoopback(options, properties)
                : inNamespaces(options, properties, goesOn);
    }

    private static Parts inNamespaces(
            ClusterOptions options, FabricProperties properties, boolean goesOn) {
        NetnsFabric fabric = new NetnsFabric(properties);
        String namespace = fabric.plan().fabricNamespace();
        AddressPlan addresses = properties.addressPlan();
        Part island =
                new Part(
                        "fabric",
                        () -> {
                            var preflight = NetnsFabric.check();
                            if (!preflight.passed()) {
                                throw new StartupException(String.join("; ", preflight.failures()));
                            }
                            if (goesOn) {
                                removeFurtherNodes(fabric, options.nodes());
                            } else {
                                // what a killed cluster left behind
                                fabric.remove();
                            }
                            fabric.ensure();
                            return fabric;
                        },
                        () -> true,
                        () -> "netns: " + addresses.nodes() + " in namespace " + namespace,
                        fabric::remove);
        return new Parts(
                island,
                apiServer(
                        options, addresses, "--coracle.apiserver.advertise-namespace=" + namespace),
                DnsProperties.inFabric(namespace, options.dns().port(), options.dns().rules()),
                CloudLbProperties.inFabric(namespace, options.cloudPort()),
                GatewayProperties.inFabric(namespace, 0));
    }

    /** Those that the killed cluster had more. */
    private static void removeFurtherNodes(NetnsFabric fabric, int nodes) throws IOException {
        for (int number = nodes + 1; number <= MOST_NODES; number++) {
            if (Namespaces.exists(fabric.plan().nodeNamespace("node-" + number))) {
                fabric.removeNode("node-" + number);
            }
        }
    }

    private static Parts onLoopback(ClusterOptions options, FabricProperties properties) {
        AddressPlan addresses = properties.addressPlan();
        UserPorts ports = UserPorts.here();
        Part plain =
                new Part(
                        "fabric",
                        () -> "nothing is made",
                        () -> true,
                        () -> "loopback: " + addresses.nodes() + ", no namespaces",
                        () -> PlainRuntime.endAll(options.data().resolve("nodes")));
        return new Parts(
                plain,
                apiServer(options, addresses, "--coracle.apiserver.pods-on-loopback=true"),
                DnsProperties.onHost(
                        addresses.dnsService(),
                        ports.of(53),
                        addresses.dnsClusterIp(),
                        options.dns().port(),
                        options.dns().rules()),
                CloudLbProperties.onHost(addresses.loadBalancers().toString(), options.cloudPort()),
                GatewayProperties.onHost(
                        addresses.ingressGateway(), ports.of(80), ports.of(443), 0));
    }

    private static String[] apiServer(
            ClusterOptions options, AddressPlan addresses, String... further) {
        List<String> arguments =
                new java.util.ArrayList<>(
                        List.of(
                                "--server.port=" + options.apiPort(),
                                "--coracle.apiserver.data-directory=" + options.data(),
                                "--coracle.apiserver.database=" + options.database(),
                                "--coracle.apiserver.advertise-address=" + addresses.apiServer(),
                                "--coracle.apiserver.service-cidr=" + addresses.services(),
                                "--coracle.apiserver.pod-cidr=" + addresses.pods(),
                                "--coracle.apiserver.identities.names="
                                        + identities(options.nodes())));
        arguments.addAll(List.of(further));
        return arguments.toArray(String[]::new);
    }

    /** Who has a kubeconfig of its own, besides the administrator. */
    private static String identities(int nodes) {
        return IntStream.rangeClosed(1, nodes)
                        .mapToObj(number -> "node-" + number + ",")
                        .collect(Collectors.joining())
                + "dns-service,cloud-lb-emulator,ingress-gateway";
    }
}

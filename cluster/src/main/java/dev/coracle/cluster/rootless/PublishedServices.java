package dev.coracle.cluster.rootless;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;

/** Publishes load balancer addresses and node ports of Services, as they come and go. */
public final class PublishedServices implements AutoCloseable {

    private final List<Target> always;
    private final InsideRelay relay;
    private final SharedIndexInformer<Service> services;
    private final SharedIndexInformer<Node> nodes;

    private PublishedServices(KubernetesClient client, List<Target> always, InsideRelay relay) {
        this.always = List.copyOf(always);
        this.relay = relay;
        this.services = client.services().inAnyNamespace().inform();
        this.nodes = client.nodes().inform();
    }

    /**
     * Follows the cluster's Services.
     *
     * @param always what is published besides
     */
    public static PublishedServices follow(
            KubernetesClient client, List<Target> always, InsideRelay relay) {
        PublishedServices published = new PublishedServices(client, always, relay);
        published.services.addEventHandler(published.new Change<Service>());
        published.nodes.addEventHandler(published.new Change<Node>());
        published.publish();
        return published;
    }

    private synchronized void publish() {
        Set<Target> targets = new LinkedHashSet<>(always);
        List<String> addresses =
                nodes.getStore().list().stream().flatMap(node -> addresses(node).stream()).toList();
        services.getStore().list().forEach(service -> targets.addAll(of(service, addresses)));
        relay.publish(List.copyOf(targets));
    }

    /** What a Service has outside. */
    static List<Target> of(Service service, List<String> nodes) {
        List<Target> targets = new ArrayList<>();
        for (ServicePort port : service.getSpec().getPorts()) {
            String protocol =
                    Objects.requireNonNullElse(port.getProtocol(), "TCP").toLowerCase(Locale.ROOT);
            if (!protocol.equals("tcp") && !protocol.equals("udp")) {
                continue;
            }
            if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
                for (LoadBalancerIngress ingress :
                        service.getStatus().getLoadBalancer().getIngress()) {
                    if (ingress.getIp() != null) {
                        targets.add(new Target(protocol, ingress.getIp(), port.getPort()));
                    }
                }
            }
            if (Objects.requireNonNullElse(port.getNodePort(), 0) != 0) {
                nodes.forEach(node -> targets.add(new Target(protocol, node, port.getNodePort())));
            }
        }
        return targets;
    }

    private static List<String> addresses(Node node) {
        if (node.getStatus() == null) {
            return List.of();
        }
        return node.getStatus().getAddresses().stream()
                .filter(address -> "InternalIP".equals(address.getType()))
                .map(NodeAddress::getAddress)
                .toList();
    }

    @Override
    public void close() {
        services.close();
        nodes.close();
    }

    private final class Change<T> implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T object) {
            publish();
        }

        @Override
        public void onUpdate(T before, T after) {
            publish();
        }

        @Override
        public void onDelete(T object, boolean deletedFinalStateUnknown) {
            publish();
        }
    }
}

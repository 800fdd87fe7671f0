package dev.coracle.cloudlb.published;

import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.forwarder.ForwardedPort;
import dev.coracle.forwarder.Forwarder;
import dev.coracle.forwarder.ForwarderOptions;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leads published ports to the TCP ports of load balancers, and says in an event on the Service
 * which. A client is seen as this process by what is behind them. Called by one informer.
 */
public final class PublishedPorts implements ResourceEventHandler<Service>, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PublishedPorts.class);

    private record Open(String address, ForwardedPort port) {}

    private final KubernetesClient client;
    private final PortChoice choice;
    private final InstantSource clock;
    private final Forwarder forwarder = Forwarder.create(ForwarderOptions.defaults());
    private final Map<String, Open> open = new HashMap<>();
    private final SharedIndexInformer<Service> services;

    private PublishedPorts(KubernetesClient client, PortChoice choice, InstantSource clock) {
        this.client = client;
        this.choice = choice;
        this.clock = clock;
        this.services =
                client.services()
                        .inAnyNamespace()
                        .runnableInformer(0)
                        .exceptionHandler((_, _) -> true);
    }

    /** Follows all Services. */
    public static PublishedPorts follow(
            KubernetesClient client, PublishedProperties properties, InstantSource clock) {
        PublishedPorts ports = new PublishedPorts(client, properties.choice(), clock);
        ports.services.addEventHandler(ports);
        var _ = ports.services.start();
        return ports;
    }

    @Override
    public synchronized void onAdd(Service service) {
        Set<String> wanted = new TreeSet<>();
        for (LoadBalancerIngress ingress : ingresses(service)) {
            for (ServicePort port : service.getSpec().getPorts()) {
                if (ingress.getIp() != null && !"UDP".equals(port.getProtocol())) {
                    wanted.add(key(service) + port.getPort());
                    publish(service, ingress.getIp(), port.getPort());
                }
            }
        }
        open.keySet().stream()
                .filter(key -> key.startsWith(key(service)) && !wanted.contains(key))
                .toList()
                .forEach(this::withdraw);
    }

    @Override
    public void onUpdate(Service before, Service service) {
        onAdd(service);
    }

    @Override
    public synchronized void onDelete(Service service, boolean deletedFinalStateUnknown) {
        open.keySet().stream()
                .filter(key -> key.startsWith(key(service)))
                .toList()
                .forEach(this::withdraw);
    }

    @Override
    public synchronized void close() {
        services.stop();
        List.copyOf(open.keySet()).forEach(this::withdraw);
        forwarder.close();
    }

    private void publish(Service service, String address, int port) {
        String key = key(service) + port;
        Open present = open.get(key);
        if (present != null && present.address().equals(address)) {
            return;
        }
        withdraw(key);
        OptionalInt published = choice.take(key);
        if (published.isEmpty()) {
            tell(service, "no published port is left for load balancer " + address + ":" + port);
            return;
        }
        List<InetSocketAddress> front =
                List.of(new InetSocketAddress(InetAddress.ofLiteral(address), port));
        try {
            ForwardedPort made =
                    forwarder.listenTcp(
                            NetworkNamespace.host(),
                            new InetSocketAddress(published.getAsInt()),
                            NetworkNamespace.host(),
                            _ -> front);
            open.put(key, new Open(address, made));
            tell(
                    service,
                    "load balancer %s:%d is 127.0.0.1:%d on the engine's machine"
                            .formatted(address, port, published.getAsInt()));
        } catch (IOException e) {
            log.warn("{} is not published: {}", key, e.getMessage());
        }
    }

    private void withdraw(String key) {
        Open present = open.remove(key);
        if (present != null) {
            present.port().close();
            choice.release(key);
        }
    }

    private void tell(Service service, String message) {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        String namespace = service.getMetadata().getNamespace();
        try {
            var _ =
                    client.resource(
                                    new EventBuilder()
                                            .withNewMetadata()
                                            .withNamespace(namespace)
                                            .withGenerateName(service.getMetadata().getName() + ".")
                                            .endMetadata()
                                            .withNewInvolvedObject()
                                            .withApiVersion("v1")
                                            .withKind("Service")
                                            .withNamespace(namespace)
                                            .withName(service.getMetadata().getName())
                                            .withUid(service.getMetadata().getUid())
                                            .endInvolvedObject()
                                            .withType("Normal")
                                            .withReason("ReachedElsewhere")
                                            .withMessage(message)
                                            .withNewSource()
                                            .withComponent("cloud-lb-emulator")
                                            .endSource()
                                            .withReportingComponent("cloud-lb-emulator")
                                            .withReportingInstance("cloud-lb-emulator")
                                            .withFirstTimestamp(now)
                                            .withLastTimestamp(now)
                                            .withCount(1)
                                            .build())
                            .create();
        } catch (KubernetesClientException e) {
            log.debug("no event about Service '{}': {}", service.getMetadata(), e.getMessage());
        }
    }

    private static List<LoadBalancerIngress> ingresses(Service service) {
        return service.getStatus() == null || service.getStatus().getLoadBalancer() == null
                ? List.of()
                : service.getStatus().getLoadBalancer().getIngress();
    }

    private static String key(Service service) {
        return service.getMetadata().getNamespace() + "/" + service.getMetadata().getName() + ":";
    }
}

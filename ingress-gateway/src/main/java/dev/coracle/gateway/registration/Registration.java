package dev.coracle.gateway.registration;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes IngressClass {@code coracle}, Service {@code kube-system/ingress-gateway} of type
 * LoadBalancer without selector, and the EndpointSlice that leads it here. What exists is left as
 * it is, but for the EndpointSlice and ports that the Service lacks. Failures are repeated every
 * second until {@link #close}.
 */
public final class Registration implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Registration.class);
    private static final String NAMESPACE = "kube-system";
    private static final String NAME = "ingress-gateway";
    private static final String CLASS = "coracle";
    private static final String CONTROLLER = "coracle.dev/ingress-gateway";

    private final KubernetesClient client;
    private final String address;
    private final List<Port> ports;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean done;

    /** What the Service has for one that the gateway listens on. */
    private record Port(String name, int number, int target) {}

    /**
     * Address and ports are where the gateway listens, as nodes reach it: {@code port} for HTTP,
     * {@code tlsPort} for HTTPS.
     */
    public Registration(KubernetesClient client, String address, int port, int tlsPort) {
        this.client = client;
        this.address = address;
        this.ports = List.of(new Port("http", 80, port), new Port("https", 443, tlsPort));
    }

    public void start() {
        Thread.ofVirtual().name("gateway-registration").start(this::register);
    }

    public boolean isDone() {
        return done;
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private void register() {
        try {
            for (String last = ""; !done; ) {
                try {
                    createIfAbsent(ingressClass());
                    ensureService();
                    ensureSlice();
                    done = true;
                } catch (KubernetesClientException e) {
                    if (!e.toString().equals(last)) {
                        log.warn(
                                "namespace={} name={} not registered yet: {}",
                                NAMESPACE,
                                NAME,
                                e.toString());
                    }
                    last = e.toString();
                    if (closed.await(1, TimeUnit.SECONDS)) {
                        return;
                    }
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void createIfAbsent(HasMetadata object) {
        try {
            var _ = client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    private void ensureService() {
        Service known = client.services().inNamespace(NAMESPACE).withName(NAME).get();
        if (known == null) {
            var _ = client.resource(service()).create();
            return;
        }
        Set<Integer> numbers =
                known.getSpec().getPorts().stream()
                        .map(ServicePort::getPort)
                        .collect(Collectors.toSet());
        List<ServicePort> lacking =
                ports.stream()
                        .filter(port -> !numbers.contains(port.number()))
                        .map(Registration::servicePort)
                        .toList();
        if (!lacking.isEmpty()) {
            var _ =
                    client.resource(
                                    new ServiceBuilder(known)
                                            .editSpec()
                                            .addAllToPorts(lacking)
                                            .endSpec()
                                            .build())
                            .update();
        }
    }

    private void ensureSlice() {
        EndpointSlice wanted = slice();
        EndpointSlice known =
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace(NAMESPACE)
                        .withName(NAME)
                        .get();
        if (known == null) {
            var _ = client.resource(wanted).create();
        } else if (!known.getEndpoints().equals(wanted.getEndpoints())
                || !known.getPorts().equals(wanted.getPorts())) {
            var _ =
                    client.resource(
                                    new EndpointSliceBuilder(known)
                                            .withEndpoints(wanted.getEndpoints())
                                            .withPorts(wanted.getPorts())
                                            .build())
                            .update();
        }
    }

    private static IngressClass ingressClass() {
        return new IngressClassBuilder()
                .withNewMetadata()
                .withName(CLASS)
                .addToAnnotations("ingressclass.kubernetes.io/is-default-class", "true")
                .endMetadata()
                .withNewSpec()
                .withController(CONTROLLER)
                .endSpec()
                .build();
    }

    private Service service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName(NAME)
                .addToLabels("app.kubernetes.io/name", NAME)
                .endMetadata()
                .withNewSpec()
                .withType("LoadBalancer")
                .withPorts(ports.stream().map(Registration::servicePort).toList())
                .endSpec()
                .build();
    }

    private static ServicePort servicePort(Port port) {
        return new ServicePortBuilder()
                .withName(port.name())
                .withProtocol("TCP")
                .withPort(port.number())
                .withTargetPort(new IntOrString(port.target()))
                .build();
    }

    private static EndpointPort endpointPort(Port port) {
        return new EndpointPortBuilder()
                .withName(port.name())
                .withProtocol("TCP")
                .withPort(port.target())
                .build();
    }

    private EndpointSlice slice() {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName(NAME)
                .addToLabels("kubernetes.io/service-name", NAME)
                .addToLabels(
                        "endpointslice.kubernetes.io/managed-by", "ingress-gateway.coracle.dev")
                .endMetadata()
                .withAddressType("IPv4")
                .addNewEndpoint()
                .withAddresses(address)
                .withNewConditions()
                .withReady(true)
                .withServing(true)
                .withTerminating(false)
                .endConditions()
                .endEndpoint()
                .withPorts(ports.stream().map(Registration::endpointPort).toList())
                .build();
    }
}

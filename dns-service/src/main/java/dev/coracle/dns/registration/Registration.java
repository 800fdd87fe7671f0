package dev.coracle.dns.registration;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes Service {@code kube-system/kube-dns} without selector, and the EndpointSlice that leads it
 * here.
 *
 * <p>A Service of that name with a selector belongs to another DNS server and is left alone.
 * Failures are repeated every second until {@link #close}.
 */
public final class Registration implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Registration.class);
    private static final String NAMESPACE = "kube-system";
    private static final String SERVICE = "kube-dns";
    private static final String SLICE = "kube-dns-coracle";

    private final KubernetesClient client;
    private final String clusterIp;
    private final String address;
    private final int port;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean done;

    /** {@code address} and {@code port} are where the server listens, as pods reach it. */
    public Registration(KubernetesClient client, String clusterIp, String address, int port) {
        this.client = client;
        this.clusterIp = clusterIp;
        this.address = address;
        this.port = port;
    }

    public void start() {
        Thread.ofVirtual().name("dns-registration").start(this::register);
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
                    ensure();
                    done = true;
                } catch (KubernetesClientException e) {
                    if (!e.toString().equals(last)) {
                        log.warn(
                                "namespace={} name={} not registered yet: {}",
                                NAMESPACE,
                                SERVICE,
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

    private void ensure() {
        Service present = client.services().inNamespace(NAMESPACE).withName(SERVICE).get();
        if (present == null) {
            try {
                present = client.resource(service()).create();
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
                present = client.services().inNamespace(NAMESPACE).withName(SERVICE).get();
            }
        }
        if (present != null
                && present.getSpec().getSelector() != null
                && !present.getSpec().getSelector().isEmpty()) {
            log.info(
                    "namespace={} name={} has a selector: another DNS server serves the cluster",
                    NAMESPACE,
                    SERVICE);
            return;
        }
        EndpointSlice wanted = slice();
        var slices = client.discovery().v1().endpointSlices().inNamespace(NAMESPACE);
        EndpointSlice known = slices.withName(SLICE).get();
        if (known == null) {
            var _ = slices.resource(wanted).create();
        } else if (!known.getEndpoints().equals(wanted.getEndpoints())
                || !known.getPorts().equals(wanted.getPorts())) {
            var _ =
                    slices.resource(
                                    new EndpointSliceBuilder(known)
                                            .withEndpoints(wanted.getEndpoints())
                                            .withPorts(wanted.getPorts())
                                            .build())
                            .update();
        }
    }

    private Service service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName(SERVICE)
                .addToLabels("k8s-app", "kube-dns")
                .addToLabels("kubernetes.io/name", "CoreDNS")
                .endMetadata()
                .withNewSpec()
                .withClusterIP(clusterIp)
                .addNewPort()
                .withName("dns")
                .withProtocol("UDP")
                .withPort(53)
                .withTargetPort(new IntOrString(port))
                .endPort()
                .addNewPort()
                .withName("dns-tcp")
                .withProtocol("TCP")
                .withPort(53)
                .withTargetPort(new IntOrString(port))
                .endPort()
                .endSpec()
                .build();
    }

    private EndpointSlice slice() {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName(SLICE)
                .addToLabels("kubernetes.io/service-name", SERVICE)
                .addToLabels("endpointslice.kubernetes.io/managed-by", "dns-service.coracle.dev")
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
                .addNewPort()
                .withName("dns")
                .withProtocol("UDP")
                .withPort(port)
                .endPort()
                .addNewPort()
                .withName("dns-tcp")
                .withProtocol("TCP")
                .withPort(port)
                .endPort()
                .build();
    }
}

package dev.coracle.dns.registration;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes Service {@code kube-system/kube-dns} without selector, and the EndpointSlice that leads it
 * here, and removes those of other replicas that have not been heard of for a while.
 *
 * <p>A Service of that name with a selector belongs to another DNS server and is left alone.
 * Failures are repeated every second until {@link #close}.
 */
public final class Registration implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Registration.class);
    private static final String NAMESPACE = "kube-system";
    private static final String SERVICE = "kube-dns";
    private static final String RENEWED = "dns-service.coracle.dev/renewed";
    private static final String MANAGER = "dns-service.coracle.dev";
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(2);
    private static final Duration RENEWAL = Duration.ofSeconds(10);
    private static final Duration ABANDONED = Duration.ofSeconds(40);

    private final KubernetesClient client;
    private final String clusterIp;
    private final String address;
    private final int port;
    private final InstantSource clock;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile boolean done;
    private @Nullable Thread thread;

    /** {@code address} and {@code port} are where the server listens, as pods reach it. */
    public Registration(
            KubernetesClient client,
            String clusterIp,
            String address,
            int port,
            InstantSource clock) {
        this.client = client;
        this.clock = clock;
        this.clusterIp = clusterIp;
        this.address = address;
        this.port = port;
    }

    public synchronized void start() {
        thread = Thread.ofVirtual().name("dns-registration").start(this::register);
    }

    public boolean isDone() {
        return done;
    }

    @Override
    public synchronized void close() {
        closed.countDown();
        Thread running = thread;
        if (running != null) {
            try {
                running.join(LONGEST_FAREWELL);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void register() {
        try {
            String last = "";
            do {
                try {
                    ensure();
                    done = true;
                    last = "";
                } catch (KubernetesClientException e) {
                    if (!e.toString().equals(last)) {
                        log.warn(
                                "namespace={} name={} not registered yet: {}",
                                NAMESPACE,
                                SERVICE,
                                e.toString());
                    }
                    last = e.toString();
                }
            } while (!closed.await(
                    last.isEmpty() ? RENEWAL.toMillis() : 1000, TimeUnit.MILLISECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        leave();
    }

    /** No client is to be sent to a replica that has ended. */
    private void leave() {
        try {
            var _ =
                    client.discovery()
                            .v1()
                            .endpointSlices()
                            .inNamespace(NAMESPACE)
                            .withName(sliceName())
                            .delete();
        } catch (KubernetesClientException e) {
            log.debug("the slice stays until it is found abandoned: {}", e.toString());
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
            if (!done) {
                log.info(
                        "namespace={} name={} has a selector: another DNS server serves the cluster",
                        NAMESPACE,
                        SERVICE);
            }
            return;
        }
        renew();
        dropAbandoned();
    }

    /** Each replica has a slice of its own, and says that it is there. */
    private void renew() {
        EndpointSlice wanted = slice();
        var slices = client.discovery().v1().endpointSlices().inNamespace(NAMESPACE);
        EndpointSlice known = slices.withName(sliceName()).get();
        if (known == null) {
            var _ = slices.resource(wanted).create();
        } else {
            var _ =
                    slices.resource(
                                    new EndpointSliceBuilder(known)
                                            .editMetadata()
                                            .addToAnnotations(wanted.getMetadata().getAnnotations())
                                            .endMetadata()
                                            .withEndpoints(wanted.getEndpoints())
                                            .withPorts(wanted.getPorts())
                                            .build())
                            .update();
        }
    }

    /** The slices of replicas that are gone lead nowhere. */
    private void dropAbandoned() {
        Instant limit = clock.instant().minus(ABANDONED);
        client
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withLabel(MANAGED_BY, MANAGER)
                .list()
                .getItems()
                .stream()
                .filter(slice -> renewed(slice).isBefore(limit))
                .forEach(slice -> client.resource(slice).delete());
    }

    private static Instant renewed(EndpointSlice slice) {
        Map<String, String> annotations = slice.getMetadata().getAnnotations();
        String text = annotations == null ? null : annotations.get(RENEWED);
        try {
            return text == null ? Instant.EPOCH : Instant.parse(text);
        } catch (DateTimeParseException _) {
            return Instant.EPOCH;
        }
    }

    private String sliceName() {
        return SERVICE + "-" + address.replace('.', '-').replace(':', '-') + "-" + port;
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
                .withName(sliceName())
                .addToLabels("kubernetes.io/service-name", SERVICE)
                .addToLabels(MANAGED_BY, MANAGER)
                .addToAnnotations(
                        RENEWED, clock.instant().truncatedTo(ChronoUnit.SECONDS).toString())
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

package dev.coracle.gateway.ingress;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressLoadBalancerIngressBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the gateway's address into the Ingresses it serves, and events about what it refuses. Only
 * the newest translation counts; failed writes are repeated every second.
 */
final class IngressStatusWriter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(IngressStatusWriter.class);

    /** The gateway's own Service. */
    static final String SERVICE_KEY = "kube-system/ingress-gateway";

    private static final String COMPONENT = "ingress-gateway";

    private record Work(
            List<Ingress> served,
            List<IngressLoadBalancerIngress> addresses,
            List<Refusal> refusals) {}

    private record Said(String uid, String message) {}

    private final KubernetesClient client;
    private final InstantSource clock;
    private final BlockingQueue<Work> newest = new ArrayBlockingQueue<>(1);
    private final Set<Said> said = new HashSet<>();
    private final Thread thread;

    IngressStatusWriter(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("ingress-status").unstarted(this::work);
    }

    void start() {
        thread.start();
    }

    /** {@code gateway} is its own Service, as far as there is one. */
    void write(IngressTranslation.Translated translated, @Nullable Service gateway) {
        Work work = new Work(translated.served(), addresses(gateway), translated.refusals());
        while (!newest.offer(work)) {
            newest.poll();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private static List<IngressLoadBalancerIngress> addresses(@Nullable Service gateway) {
        return Stream.ofNullable(gateway)
                .filter(s ->
                        s.getStatus() != null
                                && s.getStatus().getLoadBalancer() != null
                                && s.getStatus().getLoadBalancer().getIngress() != null)
                .flatMap(s -> s.getStatus().getLoadBalancer().getIngress().stream())
                .map(IngressStatusWriter::address)
                .toList();
    }

    private static IngressLoadBalancerIngress address(LoadBalancerIngress ingress) {
        return new IngressLoadBalancerIngressBuilder()
                .withIp(ingress.getIp())
                .withHostname(ingress.getHostname())
                .build();
    }

    private void work() {
        try {
            Work work = newest.take();
            while (true) {
                boolean done = write(work);
                Work next = done ? newest.take() : newest.poll(1, TimeUnit.SECONDS);
                work = next == null ? work : next;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean write(Work work) {
        boolean done = true;
        for (Ingress ingress : work.served()) {
            done &= write(ingress, work.addresses());
        }
        for (Refusal refusal : work.refusals()) {
            if (said.add(new Said(refusal.ingress().getMetadata().getUid(), refusal.message()))) {
                done &= say(refusal);
            }
        }
        return done;
    }

    private boolean write(Ingress ingress, List<IngressLoadBalancerIngress> addresses) {
        var status = ingress.getStatus();
        List<IngressLoadBalancerIngress> current =
                status == null
                                || status.getLoadBalancer() == null
                                || status.getLoadBalancer().getIngress() == null
                        ? List.of()
                        : status.getLoadBalancer().getIngress();
        if (current.equals(addresses)) {
            return true;
        }
        try {
            var _ =
                    client.resource(
                                    new IngressBuilder(ingress)
                                            .editOrNewStatus()
                                            .editOrNewLoadBalancer()
                                            .withIngress(addresses)
                                            .endLoadBalancer()
                                            .endStatus()
                                            .build())
                            .updateStatus();
            return true;
        } catch (KubernetesClientException e) {
            // 409 and 404: a newer Ingress comes, or none, and with it new work
            if (e.getCode() == 409 || e.getCode() == 404) {
                return true;
            }
            log.warn(
                    "ingress={} status not written: {}",
                    IngressTranslation.key(ingress),
                    e.toString());
            return false;
        }
    }

    private boolean say(Refusal refusal) {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        var about = refusal.ingress().getMetadata();
        var event =
                new EventBuilder()
                        .withNewMetadata()
                        .withNamespace(about.getNamespace())
                        .withGenerateName(about.getName() + ".")
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withApiVersion("networking.k8s.io/v1")
                        .withKind("Ingress")
                        .withNamespace(about.getNamespace())
                        .withName(about.getName())
                        .withUid(about.getUid())
                        .endInvolvedObject()
                        .withType("Warning")
                        .withReason(refusal.reason())
                        .withMessage(refusal.message())
                        .withNewSource()
                        .withComponent(COMPONENT)
                        .endSource()
                        .withReportingComponent(COMPONENT)
                        .withReportingInstance(COMPONENT)
                        .withFirstTimestamp(now)
                        .withLastTimestamp(now)
                        .withCount(1)
                        .build();
        try {
            var _ = client.resource(event).create();
        } catch (KubernetesClientException e) {
            log.debug("event not written: {}", e.toString());
        }
        return true;
    }
}

package dev.coracle.cluster.fabric;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events on Services that are reached elsewhere than their objects say, because of the fabric. Each
 * is written once; called by one informer.
 */
public final class ServiceNotes implements ResourceEventHandler<Service>, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ServiceNotes.class);

    private final KubernetesClient client;
    private final Outside outside;
    private final InstantSource clock;
    private final Map<String, Set<String>> noted = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Service> services;

    private ServiceNotes(KubernetesClient client, Outside outside, InstantSource clock) {
        this.client = client;
        this.outside = outside;
        this.clock = clock;
        this.services = client.services().inAnyNamespace().inform();
    }

    /** Follows all Services. */
    public static ServiceNotes follow(
            KubernetesClient client, Outside outside, InstantSource clock) {
        ServiceNotes notes = new ServiceNotes(client, outside, clock);
        notes.services.addEventHandler(notes);
        return notes;
    }

    /** What is to be said of a Service. */
    static Set<String> of(Service service, Outside outside) {
        Set<String> notes = new LinkedHashSet<>();
        for (ServicePort port : service.getSpec().getPorts()) {
            if (outside.fabric() == Fabric.LOOPBACK && isAddress(service)) {
                String there = outside.authority(service.getSpec().getClusterIP(), port.getPort());
                if (!there.endsWith(":" + port.getPort())) {
                    notes.add("port " + port.getPort() + " is served at " + there);
                }
            }
            if (service.getStatus() == null || service.getStatus().getLoadBalancer() == null) {
                continue;
            }
            for (LoadBalancerIngress ingress : service.getStatus().getLoadBalancer().getIngress()) {
                if (ingress.getIp() != null && outside.fabric() != Fabric.NETNS) {
                    String own = ingress.getIp() + ":" + port.getPort();
                    String there = outside.authority(ingress.getIp(), port.getPort());
                    if (!there.equals(own)) {
                        notes.add("load balancer " + own + " is " + there + " on this machine");
                    }
                }
            }
        }
        if (outside.fabric() == Fabric.LOOPBACK) {
            service.getSpec()
                    .getExternalIPs()
                    .forEach(address ->
                            notes.add(
                                    "external address " + address + " is not served on loopback"));
        }
        return notes;
    }

    private static boolean isAddress(Service service) {
        String address = service.getSpec().getClusterIP();
        return address != null && address.matches("[0-9.]+");
    }

    private void look(Service service) {
        Set<String> known =
                noted.computeIfAbsent(
                        service.getMetadata().getUid(), _ -> ConcurrentHashMap.newKeySet());
        for (String note : of(service, outside)) {
            if (known.add(note)) {
                write(service, note);
            }
        }
    }

    private void write(Service service, String note) {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        String namespace = service.getMetadata().getNamespace();
        try {
            Event _ =
                    client.v1()
                            .events()
                            .inNamespace(namespace)
                            .resource(
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
                                            .withMessage(note)
                                            .withNewSource()
                                            .withComponent("coracle")
                                            .endSource()
                                            .withReportingComponent("coracle")
                                            .withReportingInstance("coracle")
                                            .withFirstTimestamp(now)
                                            .withLastTimestamp(now)
                                            .withCount(1)
                                            .build())
                            .create();
        } catch (KubernetesClientException e) {
            log.debug("no event about Service '{}': {}", service.getMetadata(), e.getMessage());
        }
    }

    @Override
    public void onAdd(Service service) {
        look(service);
    }

    @Override
    public void onUpdate(Service before, Service service) {
        look(service);
    }

    @Override
    public void onDelete(Service service, boolean deletedFinalStateUnknown) {
        noted.remove(service.getMetadata().getUid());
    }

    @Override
    public void close() {
        services.close();
    }
}

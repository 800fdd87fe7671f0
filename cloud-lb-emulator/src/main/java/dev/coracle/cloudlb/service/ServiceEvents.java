package dev.coracle.cloudlb.service;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Events about Services, as a cloud's controller words them. A failing write is dropped. */
final class ServiceEvents {

    private static final Logger log = LoggerFactory.getLogger(ServiceEvents.class);
    private static final String COMPONENT = "service-controller";

    private final KubernetesClient client;
    private final InstantSource clock;

    ServiceEvents(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    void normal(Service about, String reason, String message) {
        write("Normal", about, reason, message);
    }

    void warning(Service about, String reason, String message) {
        write("Warning", about, reason, message);
    }

    private void write(String type, Service about, String reason, String message) {
        String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        var event =
                new EventBuilder()
                        .withNewMetadata()
                        .withNamespace(about.getMetadata().getNamespace())
                        .withGenerateName(about.getMetadata().getName() + ".")
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withApiVersion("v1")
                        .withKind("Service")
                        .withNamespace(about.getMetadata().getNamespace())
                        .withName(about.getMetadata().getName())
                        .withUid(about.getMetadata().getUid())
                        .endInvolvedObject()
                        .withType(type)
                        .withReason(reason)
                        .withMessage(message)
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
            log.debug("event {} not written: {}", reason, e.toString());
        }
    }
}

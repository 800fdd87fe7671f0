package dev.coracle.e2e;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;

/** The custom resource of {@code operator/websites.yaml}. */
@Group("e2e.coracle.dev")
@Version("v1")
public class Website extends CustomResource<Website.Spec, Website.Status> implements Namespaced {

    private static final long serialVersionUID = 1;

    /** What the page shows. */
    public record Spec(String html) {}

    /** Where it is. */
    public record Status(String configMap, Long observedGeneration) {}
}

package dev.coracle.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;

/** What an autoscaler scales, of any kind that has the scale subresource. */
final class Scaled {

    private final Resource<GenericKubernetesResource> resource;
    private final Scale scale;

    private Scaled(Resource<GenericKubernetesResource> resource, Scale scale) {
        this.resource = resource;
        this.scale = scale;
    }

    /**
     * Reads it.
     *
     * @throws IllegalStateException if there is no such kind or object, or it has no scale
     */
    static Scaled of(KubernetesClient client, String namespace, CrossVersionObjectReference to) {
        String apiVersion = to.getApiVersion() == null ? "v1" : to.getApiVersion();
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "" : apiVersion.substring(0, slash);
        APIResourceList served = client.getApiResources(apiVersion);
        APIResource kind =
                (served == null ? List.<APIResource>of() : served.getResources())
                        .stream()
                                .filter(one -> one.getKind().equals(to.getKind()))
                                .filter(one -> !one.getName().contains("/"))
                                .findFirst()
                                .orElseThrow(() ->
                                        new IllegalStateException(
                                                "no matches for kind \"%s\" in group \"%s\""
                                                        .formatted(to.getKind(), group)));
        ResourceDefinitionContext context =
                new ResourceDefinitionContext.Builder()
                        .withGroup(group)
                        .withVersion(apiVersion.substring(slash + 1))
                        .withKind(kind.getKind())
                        .withPlural(kind.getName())
                        .withNamespaced(true)
                        .build();
        Resource<GenericKubernetesResource> resource =
                client.genericKubernetesResources(context)
                        .inNamespace(namespace)
                        .withName(to.getName());
        Scale scale = resource.scale();
        if (scale == null) {
            throw new IllegalStateException(
                    "%s/scale%s \"%s\" not found"
                            .formatted(
                                    kind.getName(),
                                    group.isEmpty() ? "" : "." + group,
                                    to.getName()));
        }
        return new Scaled(resource, scale);
    }

    int replicas() {
        Integer replicas = scale.getSpec() == null ? null : scale.getSpec().getReplicas();
        return replicas == null ? 0 : replicas;
    }

    int current() {
        Integer replicas = scale.getStatus() == null ? null : scale.getStatus().getReplicas();
        return replicas == null ? 0 : replicas;
    }

    /** As text; empty if it has none. */
    String selector() {
        String selector = scale.getStatus() == null ? null : scale.getStatus().getSelector();
        return selector == null ? "" : selector;
    }

    void scale(int replicas) {
        scale.getSpec().setReplicas(replicas);
        var _ = resource.scale(scale);
    }
}

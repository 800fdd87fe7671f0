package dev.coracle.controllers.apiresource;

import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the discovery documents; each group's preferred version only. */
public final class Discovery {

    private final KubernetesClient client;

    public Discovery(KubernetesClient client) {
        this.client = client;
    }

    /** All resources that are not subresources. */
    public List<ApiResource> listResources() {
        List<ApiResource> resources = new ArrayList<>();
        addAll("v1", resources);
        for (APIGroup group : client.getApiGroups().getGroups()) {
            addAll(group.getPreferredVersion().getGroupVersion(), resources);
        }
        return List.copyOf(resources);
    }

    private void addAll(String apiVersion, List<ApiResource> resources) {
        APIResourceList list = client.getApiResources(apiVersion);
        if (list == null) {
            return;
        }
        for (APIResource resource : list.getResources()) {
            if (!resource.getName().contains("/")) {
                resources.add(
                        new ApiResource(
                                apiVersion,
                                resource.getKind(),
                                resource.getName(),
                                Boolean.TRUE.equals(resource.getNamespaced()),
                                Set.copyOf(resource.getVerbs())));
            }
        }
    }
}

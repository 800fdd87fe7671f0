package dev.coracle.controllers.apiresource;

import java.util.Set;

/** One served resource; {@code apiVersion} is {@code v1} or {@code group/version}. */
public record ApiResource(
        String apiVersion, String kind, String plural, boolean namespaced, Set<String> verbs) {

    public ApiResource {
        verbs = Set.copyOf(verbs);
    }

    public String group() {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }

    public String version() {
        return apiVersion.substring(apiVersion.indexOf('/') + 1);
    }

    /** The path of the collection; {@code namespace} is ignored for cluster-wide resources. */
    public String path(String namespace) {
        String root = group().isEmpty() ? "/api/" + apiVersion : "/apis/" + apiVersion;
        return namespaced ? root + "/namespaces/" + namespace + "/" + plural : root + "/" + plural;
    }

    /** The path of one object. */
    public String path(String namespace, String name) {
        return path(namespace) + "/" + name;
    }
}

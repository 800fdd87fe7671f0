package dev.coracle.apiserver.registry.review;

import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import java.util.List;

/** The definitions of the reviews. */
public final class ReviewKinds {

    private static final String AUTHENTICATION = "authentication.k8s.io";
    private static final String AUTHORIZATION = "authorization.k8s.io";

    private ReviewKinds() {}

    public static List<ResourceStrategy> all() {
        return List.of(
                review(false, AUTHENTICATION, "SelfSubjectReview"),
                review(false, AUTHENTICATION, "TokenReview"),
                review(true, AUTHORIZATION, "LocalSubjectAccessReview"),
                review(false, AUTHORIZATION, "SelfSubjectAccessReview"),
                review(false, AUTHORIZATION, "SelfSubjectRulesReview"),
                review(false, AUTHORIZATION, "SubjectAccessReview"));
    }

    public static boolean isReview(ResourceDefinition definition) {
        return definition.group().equals(AUTHENTICATION)
                || definition.group().equals(AUTHORIZATION);
    }

    private static ResourceStrategy review(boolean namespaced, String group, String kind) {
        String schema = "io.k8s.api." + group.substring(0, group.indexOf('.')) + ".v1." + kind;
        String plural = kind.toLowerCase(java.util.Locale.ROOT) + "s";
        ResourceDefinition definition =
                namespaced
                        ? ResourceDefinition.namespaced(group, "v1", kind, plural, schema)
                        : ResourceDefinition.clusterScoped(group, "v1", kind, plural, schema);
        return DeclaredStrategy.of(definition.onlyWith("create")).build();
    }
}

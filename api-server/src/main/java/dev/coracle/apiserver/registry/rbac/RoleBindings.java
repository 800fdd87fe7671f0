package dev.coracle.apiserver.registry.rbac;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** RoleBindings and ClusterRoleBindings. */
public final class RoleBindings {

    private RoleBindings() {}

    public static ResourceStrategy roleBinding() {
        return strategy(
                ResourceDefinition.namespaced(
                        Roles.GROUP,
                        "v1",
                        "RoleBinding",
                        "rolebindings",
                        "io.k8s.api.rbac.v1.RoleBinding"),
                "Role",
                "ClusterRole");
    }

    public static ResourceStrategy clusterRoleBinding() {
        return strategy(
                ResourceDefinition.clusterScoped(
                        Roles.GROUP,
                        "v1",
                        "ClusterRoleBinding",
                        "clusterrolebindings",
                        "io.k8s.api.rbac.v1.ClusterRoleBinding"),
                "ClusterRole");
    }

    private static ResourceStrategy strategy(ResourceDefinition definition, String... roleKinds) {
        return DeclaredStrategy.of(definition)
                .printedBy(
                        Columns.named()
                                .text(
                                        "Role",
                                        binding ->
                                                binding.text("roleRef.kind")
                                                        + "/"
                                                        + binding.text("roleRef.name"))
                                .age()
                                .text("Users", binding -> subjects(binding, "User"))
                                .wide()
                                .text("Groups", binding -> subjects(binding, "Group"))
                                .wide()
                                .text(
                                        "ServiceAccounts",
                                        binding -> subjects(binding, "ServiceAccount"))
                                .wide())
                .named(Names::pathSegment)
                .defaults(RoleBindings::defaults)
                .rules(binding -> {
                    binding.in("roleRef")
                            .supported("apiGroup", Roles.GROUP)
                            .supported("kind", roleKinds)
                            .required("kind")
                            .required("name")
                            .shaped("name", Names::pathSegment);
                    binding.each("subjects", subject -> subject(subject, definition.namespaced()));
                })
                .updateRule((updated, old) ->
                        updated.at("roleRef").equals(old.at("roleRef"))
                                ? List.of()
                                : List.of(
                                        FieldError.invalid(
                                                "roleRef",
                                                updated.at("roleRef"),
                                                "cannot change roleRef")))
                .build();
    }

    private static void defaults(ApiObject binding) {
        Json.setDefault(Json.object(binding.tree(), "roleRef"), "apiGroup", Roles.GROUP);
        for (ObjectNode subject : Json.objects(binding.at("subjects"))) {
            String kind = Json.text(subject, "kind");
            if (kind.equals("User") || kind.equals("Group")) {
                Json.setDefault(subject, "apiGroup", Roles.GROUP);
            }
        }
    }

    private static void subject(Check subject, boolean namespaced) {
        subject.required("name");
        switch (subject.text("kind")) {
            case "ServiceAccount" -> {
                subject.shaped("name", Names::subdomain);
                if (subject.has("apiGroup")) {
                    subject.supported("apiGroup", "");
                }
                if (!namespaced) {
                    subject.required("namespace");
                }
            }
            case "User", "Group" -> subject.supported("apiGroup", Roles.GROUP);
            default ->
                    subject.add(
                            FieldError.notSupported(
                                    subject.path("kind"),
                                    subject.text("kind"),
                                    List.of("ServiceAccount", "User", "Group")));
        }
    }

    private static String subjects(ApiObject binding, String kind) {
        return Json.objects(binding.at("subjects")).stream()
                .filter(subject -> Json.text(subject, "kind").equals(kind))
                .map(subject ->
                        kind.equals("ServiceAccount")
                                ? Json.text(subject, "namespace") + "/" + Json.text(subject, "name")
                                : Json.text(subject, "name"))
                .collect(Collectors.joining(", "));
    }
}

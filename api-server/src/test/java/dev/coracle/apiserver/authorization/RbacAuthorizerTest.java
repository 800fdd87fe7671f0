package dev.coracle.apiserver.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.User;
import java.util.List;
import org.junit.jupiter.api.Test;

class RbacAuthorizerTest {

    private static final User JANE = new User("jane", List.of("devs", "system:authenticated"));
    private static final String READER =
            """
            kind: Role
            metadata: {name: reader, namespace: a}
            rules: [{verbs: [get], apiGroups: [""], resources: [pods]}]
            """;
    private static final String JANE_READS =
            """
            kind: RoleBinding
            metadata: {name: jane, namespace: a}
            subjects: [{kind: User, name: jane}]
            roleRef: {kind: Role, name: reader}
            """;

    private final Policies policies = new Policies();

    private boolean may(User user, String method, String path) {
        return policies.authorizer.decide(user, Attributes.of(method, path, false)).allowed();
    }

    /** Gives Jane a ClusterRole with these rules. */
    private void give(String rules) {
        policies.store("{kind: ClusterRole, metadata: {name: r}, rules: [%s]}".formatted(rules))
                .store(
                        """
                        kind: ClusterRoleBinding
                        metadata: {name: b}
                        subjects: [{kind: User, name: jane}]
                        roleRef: {kind: ClusterRole, name: r}
                        """);
    }

    @Test
    void allowsNothingWithoutABinding() {
        policies.store(READER);

        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isFalse();
    }

    @Test
    void allowsWhatARoleSaysInItsNamespace() {
        policies.store(READER).store(JANE_READS);

        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isTrue();
        assertThat(may(JANE, "GET", "/api/v1/namespaces/b/pods/p")).isFalse();
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods")).isFalse();
        assertThat(may(JANE, "DELETE", "/api/v1/namespaces/a/pods/p")).isFalse();
        assertThat(may(JANE, "GET", "/apis/apps/v1/namespaces/a/pods/p")).isFalse();
        assertThat(may(new User("joe", List.of()), "GET", "/api/v1/namespaces/a/pods/p")).isFalse();
    }

    @Test
    void explainsItself() {
        policies.store(READER).store(JANE_READS);

        assertThat(
                        policies.authorizer
                                .decide(
                                        JANE,
                                        Attributes.of("GET", "/api/v1/namespaces/a/pods/p", false))
                                .reason())
                .isEqualTo(
                        "RBAC: allowed by RoleBinding \"jane/a\" of Role \"reader\" to User"
                                + " \"jane\"");
    }

    @Test
    void allowsAClusterRoleOnlyInTheNamespaceOfItsRoleBinding() {
        policies.store(READER.replace("Role", "ClusterRole").replace(", namespace: a", ""))
                .store(JANE_READS.replace("kind: Role,", "kind: ClusterRole,"));

        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isTrue();
        assertThat(may(JANE, "GET", "/api/v1/namespaces/b/pods/p")).isFalse();
    }

    @Test
    void bindsGroupsAndServiceAccounts() {
        policies.store(READER)
                .store(JANE_READS.replace("kind: User, name: jane", "kind: Group, name: devs"));
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isTrue();

        policies.store(
                JANE_READS.replace(
                        "kind: User, name: jane",
                        "kind: ServiceAccount, name: robot, namespace: b"));
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isFalse();
        assertThat(
                        may(
                                new User("system:serviceaccount:b:robot", List.of()),
                                "GET",
                                "/api/v1/namespaces/a/pods/p"))
                .isTrue();
    }

    @Test
    void takesAnAccountWithoutANamespaceAsOneOfTheBindings() {
        policies.store(READER)
                .store(
                        JANE_READS.replace(
                                "kind: User, name: jane", "kind: ServiceAccount, name: robot"));

        assertThat(
                        may(
                                new User("system:serviceaccount:a:robot", List.of()),
                                "GET",
                                "/api/v1/namespaces/a/pods/p"))
                .isTrue();
    }

    @Test
    void holdsToResourceNames() {
        give(
                "{verbs: [get, list, create], apiGroups: [''], resources: [pods], resourceNames: [p]}");

        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isTrue();
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/q")).isFalse();
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods")).isFalse();
        assertThat(may(JANE, "POST", "/api/v1/namespaces/a/pods")).isFalse();
    }

    @Test
    void tellsSubresourcesApart() {
        give("{verbs: [get], apiGroups: [''], resources: [pods/log]}");

        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p/log")).isTrue();
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isFalse();
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p/status")).isFalse();
    }

    @Test
    void readsAStarForEveryResource() {
        give("{verbs: [get], apiGroups: ['*'], resources: ['*/scale']}");

        assertThat(may(JANE, "GET", "/apis/apps/v1/namespaces/a/deployments/d/scale")).isTrue();
        assertThat(may(JANE, "GET", "/apis/apps/v1/namespaces/a/deployments/d")).isFalse();

        give("{verbs: ['*'], apiGroups: ['*'], resources: ['*']}");
        assertThat(may(JANE, "DELETE", "/apis/x.io/v1/things/t/status")).isTrue();
        assertThat(may(JANE, "GET", "/metrics")).isFalse();
    }

    @Test
    void readsPathsWithAStarAtTheEnd() {
        give("{verbs: [get], nonResourceURLs: [/metrics, /healthz/*]}");

        assertThat(may(JANE, "GET", "/metrics")).isTrue();
        assertThat(may(JANE, "GET", "/healthz/ping")).isTrue();
        assertThat(may(JANE, "GET", "/metrics/x")).isFalse();
        assertThat(may(JANE, "POST", "/metrics")).isFalse();
    }

    @Test
    void letsMastersDoEverything() {
        User master = new User("root", List.of("system:masters"));

        assertThat(may(master, "DELETE", "/api/v1/nodes")).isTrue();
        assertThat(may(master, "GET", "/anything")).isTrue();
        assertThat(policies.authorizer.rules(master, "a")).hasSize(2);
    }

    @Test
    void allowsWhatAnAggregatedRoleHasStored() {
        policies.store(
                        """
                        kind: ClusterRole
                        metadata: {name: r}
                        aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: r}}]}
                        rules: [{verbs: [get], apiGroups: [""], resources: [nodes]}]
                        """)
                .store(
                        """
                        kind: ClusterRoleBinding
                        metadata: {name: b}
                        subjects: [{kind: User, name: jane}]
                        roleRef: {kind: ClusterRole, name: r}
                        """);

        assertThat(may(JANE, "GET", "/api/v1/nodes/n")).isTrue();
    }

    @Test
    void seesEveryChangeAtOnce() {
        policies.store(READER).store(JANE_READS);
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isTrue();

        policies.store(READER.replace("verbs: [get]", "verbs: [list]"));
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isFalse();
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods")).isTrue();

        policies.delete(JANE_READS);
        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods")).isFalse();
    }

    @Test
    void allowsNothingThroughARoleThatIsNotThere() {
        policies.store(JANE_READS);

        assertThat(may(JANE, "GET", "/api/v1/namespaces/a/pods/p")).isFalse();
    }
}

package dev.coracle.apiserver.authorization;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.object.ApiObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class GrantCheckTest {

    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final User JANE = new User("jane", List.of("devs", "system:authenticated"));
    private static final String ROLE =
            """
            kind: Role
            metadata: {name: new, namespace: a}
            rules: [{verbs: [get, delete], apiGroups: [""], resources: [pods, secrets]}]
            """;
    private static final String BINDING =
            """
            kind: RoleBinding
            metadata: {name: new, namespace: a}
            subjects: [{kind: User, name: joe}]
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: power}
            """;
    private static final String POWER =
            """
            kind: ClusterRole
            metadata: {name: power}
            rules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"]}]
            """;

    private final Policies policies = new Policies();
    private final GrantCheck check = new GrantCheck(policies.authorizer, policies.cache);

    /** What Jane may do in the namespace a. */
    private void give(String rules) {
        policies.store(
                        "{kind: Role, metadata: {name: r, namespace: a}, rules: [%s]}"
                                .formatted(rules))
                .store(
                        """
                        kind: RoleBinding
                        metadata: {name: b, namespace: a}
                        subjects: [{kind: User, name: jane}]
                        roleRef: {kind: Role, name: r}
                        """);
    }

    private void create(User user, String resource, String yaml) {
        check.check(user, GROUP, resource, "", Policies.parse(yaml));
    }

    @Test
    void refusesRulesTheUserDoesNotHave() {
        give("{verbs: [get], apiGroups: [''], resources: [pods, secrets]}");

        assertThatThrownBy(() -> create(JANE, "roles", ROLE))
                .hasMessage(
                        """
                        roles.rbac.authorization.k8s.io "new" is forbidden: user "jane" \
                        (groups=["devs" "system:authenticated"]) is attempting to grant RBAC \
                        permissions not currently held:
                        {APIGroups:[""], Resources:["pods"], Verbs:["delete"]}
                        {APIGroups:[""], Resources:["secrets"], Verbs:["delete"]}\
                        """);
    }

    @Test
    void showsNamesAndPaths() {
        assertThatThrownBy(() ->
                        create(
                                JANE,
                                "clusterroles",
                                """
                                kind: ClusterRole
                                metadata: {name: new}
                                rules:
                                - {verbs: [get], apiGroups: [apps], resources: [deployments], resourceNames: [d]}
                                - {verbs: [get], nonResourceURLs: [/metrics]}
                                """))
                .hasMessageEndingWith(
                        """
                        {APIGroups:["apps"], Resources:["deployments"], ResourceNames:["d"], Verbs:["get"]}
                        {NonResourceURLs:["/metrics"], Verbs:["get"]}\
                        """);
    }

    @Test
    void letsTheUserGiveWhatHeHas() {
        give("{verbs: ['*'], apiGroups: [''], resources: [pods, secrets, services]}");

        assertThatCode(() -> create(JANE, "roles", ROLE)).doesNotThrowAnyException();
    }

    @Test
    void letsWhoMayEscalate() {
        give("{verbs: [escalate], apiGroups: [rbac.authorization.k8s.io], resources: [roles]}");

        assertThatCode(() -> create(JANE, "roles", ROLE)).doesNotThrowAnyException();
    }

    @Test
    void letsMastersDoEverything() {
        User master = new User("root", List.of(User.MASTERS));

        assertThatCode(() -> create(master, "roles", ROLE)).doesNotThrowAnyException();
    }

    @Test
    void refusesToBindARoleThatIsBeyondTheUser() {
        policies.store(POWER);

        assertThatThrownBy(() -> create(JANE, "rolebindings", BINDING))
                .hasMessageStartingWith(
                        "rolebindings.rbac.authorization.k8s.io \"new\" is forbidden")
                .hasMessageEndingWith("{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}");
    }

    @Test
    void letsWhoMayBindTheRole() {
        policies.store(POWER);
        give(
                "{verbs: [bind], apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles],"
                        + " resourceNames: [power]}");

        assertThatCode(() -> create(JANE, "rolebindings", BINDING)).doesNotThrowAnyException();
    }

    @Test
    void doesNotFindARoleThatIsNotThere() {
        assertThatThrownBy(() -> create(JANE, "rolebindings", BINDING))
                .hasMessage("clusterroles.rbac.authorization.k8s.io \"power\" not found");
    }

    @Test
    void keepsAggregationForAdministrators() {
        assertThatThrownBy(() ->
                        create(
                                JANE,
                                "clusterroles",
                                """
                                kind: ClusterRole
                                metadata: {name: new}
                                aggregationRule: {clusterRoleSelectors: [{}]}
                                """))
                .hasMessageEndingWith(
                        "must have cluster-admin privileges to use an aggregationRule");
    }

    @Test
    void letsAnyoneWithUpdateRemoveAFinalizer() {
        policies.store(ROLE.replace("name: new", "name: new, finalizers: [a/b]"));
        ApiObject updated = Policies.parse(ROLE);

        assertThatCode(() -> check.check(JANE, GROUP, "roles", "new", updated))
                .doesNotThrowAnyException();
        updated.metadata().putObject("labels").put("to", "admin");
        assertThatThrownBy(() -> check.check(JANE, GROUP, "roles", "new", updated))
                .hasMessageContaining("attempting to grant");
    }

    @Test
    void looksAtNothingElse() {
        assertThatCode(() -> check.check(JANE, "", "pods", "", Policies.parse(ROLE)))
                .doesNotThrowAnyException();
    }
}

package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** ValidatingAdmissionPolicies refuse and warn, as kubectl shows it. */
class AdmissionPolicyIT {

    private static final String DEPLOYMENTS =
            "[{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE],"
                    + " resources: [deployments, deployments/scale]}]";

    private final ApiServer server = ApiServer.shared();
    private final String namespace = server.newNamespace("policy");

    @AfterEach
    void removePolicy() {
        for (String kind :
                new String[] {"validatingadmissionpolicybinding", "validatingadmissionpolicy"}) {
            server.kubectl("delete", kind, namespace, "--ignore-not-found").orFail();
        }
    }

    private Shell.Result create(String yaml) throws IOException {
        Path file = server.data().resolve(namespace + ".yaml");
        Files.writeString(file, yaml);
        return server.kubectl("create", "-f", file.toString());
    }

    /** A policy and its binding, both of the name of the namespace, for this namespace only. */
    private void enforce(String rules, String policy, String binding) throws IOException {
        create(
                        """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingAdmissionPolicy
                        metadata: {name: %1$s}
                        spec:
                          matchConstraints: {resourceRules: %2$s}
                        %3$s
                        ---
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingAdmissionPolicyBinding
                        metadata: {name: %1$s}
                        spec:
                          policyName: %1$s
                          matchResources:
                            namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                        %4$s
                        """
                                .formatted(
                                        namespace,
                                        rules,
                                        policy.indent(2).stripTrailing(),
                                        binding.indent(2).stripTrailing()))
                .orFail();
    }

    private Shell.Result kubectl(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return server.kubectl(all);
    }

    private void assertRefused(Shell.Result result, String why) {
        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output())
                .contains(
                        "ValidatingAdmissionPolicy '%1$s' with binding '%1$s' denied request: %2$s"
                                .formatted(namespace, why));
    }

    /** Subresources with objects of their own kinds, of which nothing is stored. */
    @Test
    void refusesTokensAndEvictions() throws IOException {
        enforce(
                "[{apiGroups: [''], apiVersions: [v1], operations: [CREATE],"
                        + " resources: [serviceaccounts/token, pods/eviction]}]",
                """
                validations:
                - expression: >-
                    request.kind.kind == 'TokenRequest' ? object.spec.expirationSeconds <= 3600
                    : request.kind.kind != 'Eviction'
                  message: not here
                """,
                "validationActions: [Deny]");
        kubectl("create", "token", "default", "--duration=1h").orFail();
        assertRefused(kubectl("create", "token", "default", "--duration=2h"), "not here");
        kubectl("run", "stays", "--image=coracle/echo").orFail();
        Path eviction = server.data().resolve(namespace + ".json");
        Files.writeString(
                eviction,
                "{\"apiVersion\":\"policy/v1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"stays\"}}");
        assertRefused(
                kubectl(
                        "create",
                        "--raw",
                        "/api/v1/namespaces/" + namespace + "/pods/stays/eviction",
                        "-f",
                        eviction.toString()),
                "not here");
        kubectl("get", "pod", "stays").orFail();
    }

    @Test
    void refusesByVariablesAndParameters() throws IOException {
        enforce(
                DEPLOYMENTS,
                """
                paramKind: {apiVersion: v1, kind: ConfigMap}
                variables:
                - {name: most, expression: "int(params.data.most)"}
                - {name: over, expression: "object.spec.replicas - variables.most"}
                validations:
                - expression: "variables.over <= 0"
                  messageExpression: "'%d too many in %s'.format([variables.over, namespaceObject.metadata.name])"
                  reason: Forbidden
                """,
                """
                paramRef: {name: limits, parameterNotFoundAction: Deny}
                validationActions: [Deny]
                """);
        assertRefused(
                kubectl("create", "deployment", "web", "--image=x"),
                "failed to configure binding: no params found for policy binding with `Deny`"
                        + " parameterNotFoundAction");
        kubectl("create", "configmap", "limits", "--from-literal=most=2").orFail();

        kubectl("create", "deployment", "web", "--image=x", "--replicas=2").orFail();
        assertRefused(
                kubectl("create", "deployment", "more", "--image=x", "--replicas=5"),
                "3 too many in " + namespace);
        assertRefused(
                kubectl("scale", "deployment", "web", "--replicas=3"),
                "1 too many in " + namespace);
        assertRefused(
                kubectl("patch", "deployment", "web", "-p", "{\"spec\": {\"replicas\": 4}}"),
                "2 too many in " + namespace);
        assertThat(kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}").orFail())
                .isEqualTo("2");
    }

    @Test
    void refusesAsInvalidAndNamesTheExpression() throws IOException {
        enforce(
                DEPLOYMENTS,
                """
                matchConditions:
                - {name: not-exempt, expression: "!object.metadata.name.startsWith('exempt')"}
                validations:
                - {expression: "object.spec.replicas > 1"}
                """,
                "validationActions: [Deny]");
        kubectl("create", "deployment", "exempt", "--image=x").orFail();

        Shell.Result result = kubectl("create", "deployment", "web", "--image=x");

        assertRefused(result, "failed expression: object.spec.replicas > 1");
        assertRefused(
                kubectl("apply", "--server-side", "-f", deployment("applied").toString()),
                "failed expression: object.spec.replicas > 1");
        assertThat(kubectl("get", "deployments", "-o", "name").orFail().strip())
                .isEqualTo("deployment.apps/exempt");
    }

    private Path deployment(String name) throws IOException {
        Path file = server.data().resolve(name + ".yaml");
        Files.writeString(
                file,
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s}
                spec:
                  selector: {matchLabels: {app: %1$s}}
                  template:
                    metadata: {labels: {app: %1$s}}
                    spec: {containers: [{name: c, image: x}]}
                """
                        .formatted(name));
        return file;
    }

    @Test
    void warnsOfDeletes() throws IOException {
        enforce(
                "[{apiGroups: [''], apiVersions: [v1], operations: [DELETE], resources: [configmaps]}]",
                """
                validations:
                - {expression: "oldObject.data.keep != 'yes'", message: better kept}
                """,
                "validationActions: [Warn]");
        kubectl("create", "configmap", "settings", "--from-literal=keep=yes").orFail();

        assertThat(kubectl("delete", "configmap", "settings").orFail())
                .contains(
                        "Warning: Validation failed for ValidatingAdmissionPolicy '%1$s' with binding"
                                        .formatted(namespace)
                                + " '%1$s': better kept".formatted(namespace))
                .contains("deleted");
    }

    @Test
    void refusesExpressionsThatCannotBeEvaluated() throws IOException {
        Shell.Result result =
                create(
                        """
                        apiVersion: admissionregistration.k8s.io/v1
                        kind: ValidatingAdmissionPolicy
                        metadata: {name: bad}
                        spec:
                          matchConstraints:
                            resourceRules: [{apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*"]}]
                          variables: [{name: one, expression: "variables.two"}]
                          validations: [{expression: "'text'"}, {expression: "authorizer.group('').resource('pods')"}]
                        """);

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output())
                .contains("spec.variables[0].expression")
                .contains("undefined field 'two'")
                .contains("spec.validations[0].expression")
                .contains("must evaluate to bool")
                .contains("undeclared reference to 'authorizer'");
    }
}

package dev.coracle.apiserver.registry.core.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** The messages are Kubernetes' own (k8s.io/kubernetes/pkg/apis/core/validation). */
class PodSpecValidatorTest {

    private static List<String> wrong(String spec) {
        ObjectNode tree =
                (ObjectNode)
                        Json.MAPPER.readTree(
                                spec.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        return PodSpecValidator.validate(tree, "spec").stream().map(Object::toString).toList();
    }

    private static String container(String members) {
        return "{'containers': [{'name': 'c', 'image': 'i', " + members + "}]}";
    }

    private static String pod(String members) {
        return "{'containers': [{'name': 'c', 'image': 'i'}], " + members + "}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    'runAsUser': -1                                       | runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive
                    'runAsGroup': 2147483648                              | runAsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive
                    'procMount': 'Bare'                                   | procMount: Unsupported value: "Bare": supported values: "Default", "Unmasked"
                    'procMount': 'Unmasked'                               | procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`
                    'seccompProfile': {}                                  | seccompProfile.type: Required value: type is required when seccompProfile is set
                    'seccompProfile': {'type': 'Localhost'}               | seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost
                    'appArmorProfile': {'type': 'X'}                      | appArmorProfile.type: Unsupported value: "X": supported values: "Localhost", "RuntimeDefault", "Unconfined"
                    """)
    void refusesSecurityContextsOfContainers(String members, String error) {
        assertThat(wrong(container("'securityContext': {" + members + "}")))
                .containsExactly("spec.containers[0].securityContext." + error);
    }

    @Test
    void refusesToForbidEscalationToThePrivileged() {
        assertThat(
                        wrong(
                                container(
                                        "'securityContext': {'allowPrivilegeEscalation': false, 'privileged': true,"
                                                + " 'capabilities': {'add': ['CAP_SYS_ADMIN']}}")))
                .containsExactly(
                        "spec.containers[0].securityContext: Invalid value: \"\": cannot set"
                                + " `allowPrivilegeEscalation` to false and `privileged` to true",
                        "spec.containers[0].securityContext: Invalid value: \"\": cannot set"
                                + " `allowPrivilegeEscalation` to false and `capabilities.Add`"
                                + " CAP_SYS_ADMIN");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    'fsGroup': -2                                         | fsGroup: Invalid value: -2: must be between 0 and 2147483647, inclusive
                    'supplementalGroups': [5, -5]                         | supplementalGroups[1]: Invalid value: -5: must be between 0 and 2147483647, inclusive
                    'fsGroupChangePolicy': 'Never'                        | fsGroupChangePolicy: Unsupported value: "Never": supported values: "Always", "OnRootMismatch"
                    'sysctls': [{'value': '1'}]                           | sysctls[0].name: Required value
                    'sysctls': [{'name': 'a.b'}, {'name': 'a/b'}]         | sysctls[1].name: Duplicate value: "a/b"
                    'sysctls': [{'name': 'a..b'}]                         | sysctls[0].name: Invalid value: "a..b": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$
                    """)
    void refusesSecurityContextsOfPods(String members, String error) {
        assertThat(wrong(pod("'securityContext': {" + members + "}")))
                .containsExactly("spec.securityContext." + error);
    }

    @Test
    void refusesSysctlsAndNamespacesOfTheHost() {
        assertThat(
                        wrong(
                                pod(
                                        "'hostNetwork': true, 'hostIPC': true, 'securityContext': {'sysctls':"
                                                + " [{'name': 'net.core.somaxconn'}, {'name': 'kernel.shm_rmid_forced'}]}")))
                .containsExactly(
                        "spec.securityContext.sysctls[0].name: Invalid value:"
                                + " \"net.core.somaxconn\": may not be specified when 'hostNetwork' is"
                                + " true",
                        "spec.securityContext.sysctls[1].name: Invalid value:"
                                + " \"kernel.shm_rmid_forced\": may not be specified when 'hostIPC' is"
                                + " true");
        assertThat(wrong(pod("'hostPID': true, 'shareProcessNamespace': true")))
                .containsExactly(
                        "spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and"
                                + " HostPID cannot both be enabled");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    'fieldRef': {'fieldPath': 'spec.color'}               | fieldRef.fieldPath: Invalid value: "spec.color": error converting fieldPath: field label not supported: spec.color
                    'fieldRef': {'fieldPath': 'metadata.labels'}          | fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"
                    'fieldRef': {'fieldPath': "spec['a']"}                | fieldRef.fieldPath: Invalid value: "spec['a']": error converting fieldPath: field label does not support subscript: spec['a']
                    'resourceFieldRef': {'resource': 'limits.gpu'}        | resourceFieldRef.resource: Unsupported value: "limits.gpu": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"
                    'resourceFieldRef': {'resource': 'limits.cpu', 'divisor': '3'} | resourceFieldRef.divisor: Invalid value: "limits.cpu": only divisor's values 1m and 1 are supported with the cpu resource
                    """)
    void refusesReferencesOfVariables(String members, String error) {
        String quoted = container("'env': [{'name': 'V', 'valueFrom': {" + members + "}}]");
        assertThat(wrong(quoted.replace("['a']", "[\\u0027a\\u0027]")))
                .containsExactly("spec.containers[0].env[0].valueFrom." + error);
    }

    @Test
    void refusesFilesOfTheDownwardApi() {
        assertThat(
                        wrong(
                                pod(
                                        "'volumes': [{'name': 'v', 'downwardAPI': {'items': [{'path': 'a'},"
                                                + " {'path': 'b', 'fieldRef': {'fieldPath': 'spec.nodeName'}},"
                                                + " {'path': 'c', 'resourceFieldRef': {'resource': 'limits.cpu'}}]}}]")))
                .containsExactly(
                        "spec.volumes[0].downwardAPI.items[0]: Required value: one of fieldRef and"
                                + " resourceFieldRef is required",
                        "spec.volumes[0].downwardAPI.items[1].fieldRef.fieldPath: Unsupported value:"
                                + " \"spec.nodeName\": supported values: \"metadata.annotations\","
                                + " \"metadata.labels\", \"metadata.name\", \"metadata.namespace\","
                                + " \"metadata.uid\"",
                        "spec.volumes[0].downwardAPI.items[2].resourceFieldRef.containerName:"
                                + " Required value");
    }

    @Test
    void acceptsWhatIsUsual() {
        assertThat(
                        wrong(
                                "{'hostUsers': false, 'containers': [{'name': 'c', 'image': 'i', 'env':"
                                        + " [{'name': 'V', 'valueFrom': {'fieldRef': {'fieldPath':"
                                        + " 'status.podIP'}}}, {'name': 'L', 'valueFrom': {'resourceFieldRef':"
                                        + " {'resource': 'limits.memory', 'divisor': '1Mi'}}}],"
                                        + " 'securityContext': {'runAsUser': 0, 'privileged': true,"
                                        + " 'procMount': 'Unmasked', 'seccompProfile': {'type':"
                                        + " 'RuntimeDefault'}}}], 'securityContext': {'fsGroup': 2000,"
                                        + " 'sysctls': [{'name': 'net.ipv4.tcp_syncookies', 'value': '1'}]}}"))
                .isEmpty();
    }
}

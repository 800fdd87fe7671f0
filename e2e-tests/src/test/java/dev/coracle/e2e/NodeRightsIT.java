package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A node gets to itself and to what its pods use, and to nothing of other nodes. */
class NodeRightsIT {

    private static final String NODE = "played-1";
    private static final String OTHER = "played-2";

    private final ApiServer server = PlayedCluster.shared().server();
    private final String namespace = server.newNamespace("rights");

    @Test
    void readsWhatItsPodsUse() throws IOException {
        run("create", "secret", "generic", "used", "--from-literal=key=value");
        run("create", "secret", "generic", "mounted", "--from-literal=key=value");
        run("create", "secret", "generic", "other", "--from-literal=key=value");
        run("create", "configmap", "used", "--from-literal=key=value");
        run("create", "configmap", "other", "--from-literal=key=value");
        pod("mine", NODE);
        for (String allowed : List.of("secret/used", "secret/mounted", "configmap/used")) {
            as(NODE, "get", allowed).orFail();
            assertThat(as(OTHER, "get", allowed).output())
                    .contains(
                            "is forbidden: User \"system:node:played-2\" cannot get resource",
                            "no relationship found between node 'played-2' and this object");
        }
        as(NODE, "get", "configmap/kube-root-ca.crt").orFail();
        for (String refused : List.of("secret/other", "configmap/other")) {
            assertThat(as(NODE, "get", refused).output())
                    .contains("no relationship found between node 'played-1' and this object");
        }
        assertThat(as(NODE, "get", "secrets").output()).contains("No Object name found");
        as(NODE, "get", "secrets", "--field-selector=metadata.name=used").orFail();
        assertThat(as(NODE, "get", "secrets", "--field-selector=metadata.name=other").output())
                .contains("no relationship found");
        assertThat(as(NODE, "delete", "secret", "used").output())
                .contains("can only read resources of this type");
        assertThat(as(NODE, "auth", "can-i", "get", "secret/used").output()).contains("yes");
        assertThat(as(NODE, "auth", "can-i", "get", "secret/other").output()).contains("no");
        as(NODE, "get", "services,pods,nodes").orFail();
    }

    @Test
    void asksForTokensOfItsPodsOnly() throws IOException {
        pod("mine", NODE);
        String[] bound = {"--bound-object-kind=Pod", "--bound-object-name=mine"};
        as(NODE, "create", "token", "default", bound[0], bound[1]).orFail();
        assertThat(as(NODE, "create", "token", "default").output())
                .contains("node requested token not bound to a pod");
        pod("theirs", OTHER);
        assertThat(as(OTHER, "create", "token", "default", bound[0], bound[1]).output())
                .contains("node requested token bound to a pod scheduled on a different node");
    }

    @Test
    void changesItselfAndItsPodsOnly() throws IOException {
        pod("mine", NODE);
        pod("theirs", OTHER);
        assertThat(as(NODE, "label", "node", OTHER, "color=red").output())
                .contains("node \"played-1\" is not allowed to modify node \"played-2\"");
        as(NODE, "label", "node", NODE, "color=red", "topology.kubernetes.io/zone=a").orFail();
        as(NODE, "label", "node", NODE, "color-", "topology.kubernetes.io/zone-").orFail();
        assertThat(as(NODE, "label", "node", NODE, "node-role.kubernetes.io/master=").output())
                .contains("is not allowed to modify labels: node-role.kubernetes.io/master");
        assertThat(as(NODE, "taint", "node", NODE, "mine=yes:NoSchedule").output())
                .contains("node \"played-1\" is not allowed to modify taints");
        report("mine");
        assertThatThrownBy(() -> report("theirs"))
                .hasMessageContaining(
                        "can only update pod status for pods with spec.nodeName set to itself");
        assertThat(as(NODE, "delete", "pod", "theirs", "--wait=false").output())
                .contains("can only delete pods with spec.nodeName set to itself");
        assertThat(as(NODE, "run", "new", "--image=x").output())
                .contains("can only create mirror pods");
        assertThat(as(NODE, "delete", "node", OTHER).output()).contains("forbidden");
        as(NODE, "get", "lease", NODE, "-n", "kube-node-lease").orFail();
        assertThat(as(NODE, "delete", "lease", OTHER, "-n", "kube-node-lease").output())
                .contains("can only access node lease with the same name as the requesting node");
        assertThat(as(NODE, "get", "lease", NODE).output())
                .contains("can only access leases in the \"kube-node-lease\" system namespace");
        as(NODE, "delete", "pod", "mine", "--wait=false").orFail();
    }

    @Test
    void getsCertificatesInItsOwnNameOnly() throws IOException {
        String foreign = namespace + "-foreign";
        String own = namespace + "-own";
        requestCertificate(foreign, OTHER);
        requestCertificate(own, NODE);
        // requests are signed in their order
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(run("get", "csr", own, "-o", "jsonpath={.status.certificate}"))
                                .isNotEmpty());
        assertThat(run("get", "csr", own, "-o", "jsonpath={.status.conditions[0].reason}"))
                .isEqualTo("AutoApproved");
        assertThat(run("get", "csr", foreign, "-o", "jsonpath={.status.*}")).isEmpty();
        assertThat(as(NODE, "certificate", "approve", foreign).output()).contains("forbidden");
        as(NODE, "delete", "csr", own).orFail();
        run("delete", "csr", foreign);
    }

    /** Asked for by {@link #NODE}. */
    private void requestCertificate(String name, String subject) throws IOException {
        Path keys = Files.createTempDirectory(server.data(), "keys").resolve("keys.p12");
        keytool(
                keys,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=system:node:" + subject + ",O=system:nodes");
        String pem =
                keytool(keys, "-certreq", "-ext", "san=dns:" + subject).replace("NEW CERT", "CERT");
        Path file = keys.resolveSibling("request.yaml");
        Files.writeString(
                file,
                """
                apiVersion: certificates.k8s.io/v1
                kind: CertificateSigningRequest
                metadata: {name: %s}
                spec:
                  signerName: kubernetes.io/kubelet-serving
                  usages: [digital signature, server auth]
                  request: %s
                """
                        .formatted(
                                name,
                                Base64.getEncoder()
                                        .encodeToString(pem.getBytes(StandardCharsets.US_ASCII))));
        as(NODE, "create", "-f", file.toString()).orFail();
    }

    private static String keytool(Path keys, String... arguments) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-alias",
                                "node",
                                "-keystore",
                                keys.toString(),
                                "-storepass",
                                "password"));
        command.addAll(1, List.of(arguments));
        return Shell.run(command.toArray(String[]::new)).orFail();
    }

    private void pod(String name, String node) throws IOException {
        Path file = Files.createTempFile(server.data(), name, ".yaml");
        Files.writeString(
                file,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  nodeName: %s
                  volumes:
                  - {name: one, secret: {secretName: mounted, optional: true}}
                  containers:
                  - name: main
                    image: x
                    env:
                    - name: KEY
                      valueFrom: {secretKeyRef: {name: used, key: key, optional: true}}
                    envFrom:
                    - configMapRef: {name: used, optional: true}
                """
                        .formatted(name, node));
        run("create", "-f", file.toString());
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(run("get", "pod", name, "-o", "jsonpath={.status.phase}"))
                                .isEqualTo("Running"));
    }

    private void report(String pod) {
        try (KubernetesClient node =
                new KubernetesClientBuilder()
                        .withConfig(
                                new ConfigBuilder(Config.fromKubeconfig(server.kubeconfigText()))
                                        .withImpersonateUsername("system:node:" + NODE)
                                        .withImpersonateGroups("system:nodes")
                                        .build())
                        .build()) {
            var _ =
                    node.pods()
                            .inNamespace(namespace)
                            .withName(pod)
                            .subresource("status")
                            .patch(
                                    PatchContext.of(PatchType.STRATEGIC_MERGE),
                                    "{\"status\":{\"message\":\"here\"}}");
        }
    }

    private String run(String... arguments) {
        return kubectl(List.of("-n", namespace), arguments).orFail();
    }

    private Shell.Result as(String node, String... arguments) {
        List<String> first =
                new ArrayList<>(List.of("--as=system:node:" + node, "--as-group=system:nodes"));
        if (!List.of(arguments).contains("-n")) {
            first.addAll(List.of("-n", namespace));
        }
        return kubectl(first, arguments);
    }

    private Shell.Result kubectl(List<String> first, String... arguments) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(arguments));
        return server.kubectl(all.toArray(String[]::new));
    }
}

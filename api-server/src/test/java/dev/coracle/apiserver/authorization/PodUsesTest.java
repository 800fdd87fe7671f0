package dev.coracle.apiserver.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PodUsesTest {

    private final PodUses uses =
            new PodUses(
                    Policies.parse(
                            """
                            apiVersion: v1
                            kind: Pod
                            metadata: {name: web-0, namespace: shop}
                            spec:
                              serviceAccountName: seller
                              imagePullSecrets: [{name: pull}]
                              volumes:
                              - {name: a, secret: {secretName: mounted}}
                              - {name: b, configMap: {name: settings}}
                              - name: c
                                projected:
                                  sources:
                                  - {secret: {name: projected}}
                                  - {configMap: {name: ca}}
                                  - {serviceAccountToken: {path: token}}
                              - {name: d, persistentVolumeClaim: {claimName: data-web-0}}
                              - {name: e, ephemeral: {volumeClaimTemplate: {spec: {}}}}
                              initContainers:
                              - name: init
                                env: [{name: X, valueFrom: {secretKeyRef: {name: key, key: x}}}]
                              containers:
                              - name: main
                                env: [{name: X, valueFrom: {configMapKeyRef: {name: one, key: x}}}]
                                envFrom:
                                - {secretRef: {name: all}}
                                - {configMapRef: {name: every}}
                              ephemeralContainers:
                              - name: debug
                                envFrom: [{secretRef: {name: later}}]
                            """));

    @Test
    void namesWhatVolumesEnvironmentsAndPullsNeed() {
        assertThat(uses.names("secrets"))
                .contains("pull", "mounted", "projected", "key", "all", "later")
                .doesNotContain("settings", "other");
        assertThat(uses.names("configmaps"))
                .contains("settings", "ca", "one", "every")
                .doesNotContain("mounted", "all");
        assertThat(uses.names("persistentvolumeclaims")).contains("data-web-0", "web-0-e");
        assertThat(uses.names("serviceaccounts")).containsExactly("seller");
        assertThat(uses.names("services")).isEmpty();
    }
}

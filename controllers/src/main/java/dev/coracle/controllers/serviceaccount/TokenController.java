package dev.coracle.controllers.serviceaccount;

import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Fills Secrets of type {@code kubernetes.io/service-account-token} with a token that lives as long
 * as the Secret, and removes those of accounts that are gone (Kubernetes: Managing Service
 * Accounts, "token controller").
 */
public final class TokenController {

    private static final String NAME = "kubernetes.io/service-account.name";
    private static final String UID = "kubernetes.io/service-account.uid";

    /** The most that can be asked for, 136 years: it ends with its Secret. */
    private static final long SECONDS = 1L << 32;

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final String certificateAuthority;
    private final ControlLoop<NamespacedName> loop;

    /** {@code certificateAuthority} is PEM; if it is empty no {@code ca.crt} is given. */
    public TokenController(
            KubernetesClient client, ClusterInformers informers, String certificateAuthority) {
        this.client = client;
        this.informers = informers;
        this.certificateAuthority = certificateAuthority;
        this.loop = new ControlLoop<>("serviceaccount-token", 2, this::reconcile);
        informers.tokenSecrets.onAnyChange(secret -> loop.enqueue(NamespacedName.of(secret)));
        informers.serviceAccounts.onChange((before, after) ->
                Optional.ofNullable(after == null ? before : before == null ? after : null)
                        .ifPresent(this::cameOrWent));
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void cameOrWent(ServiceAccount account) {
        informers.tokenSecrets.listIn(account.getMetadata().getNamespace()).stream()
                .filter(secret -> annotation(secret, NAME).equals(account.getMetadata().getName()))
                .forEach(secret -> loop.enqueue(NamespacedName.of(secret)));
    }

    private void reconcile(NamespacedName key) {
        Optional<Secret> found = informers.tokenSecrets.find(key);
        if (found.isEmpty() || found.get().getMetadata().getDeletionTimestamp() != null) {
            return;
        }
        Secret secret = found.get();
        // asked of the server: the account may have been made a moment ago
        ServiceAccount account =
                client.serviceAccounts()
                        .inNamespace(key.namespace())
                        .withName(annotation(secret, NAME))
                        .get();
        String uid = annotation(secret, UID);
        if (account == null || !(uid.isEmpty() || uid.equals(account.getMetadata().getUid()))) {
            var _ = client.resource(secret).delete();
            return;
        }
        Map<String, String> data =
                new HashMap<>(secret.getData() == null ? Map.of() : secret.getData());
        data.put("namespace", encoded(key.namespace()));
        if (!certificateAuthority.isEmpty()) {
            data.put("ca.crt", encoded(certificateAuthority));
        }
        if (data.getOrDefault("token", "").isEmpty()) {
            data.put("token", encoded(token(account, secret)));
        }
        if (!data.equals(secret.getData()) || uid.isEmpty()) {
            var _ =
                    client.resource(
                                    new SecretBuilder(secret)
                                            .editMetadata()
                                            .addToAnnotations(UID, account.getMetadata().getUid())
                                            .endMetadata()
                                            .withData(data)
                                            .build())
                            .update();
        }
    }

    private String token(ServiceAccount account, Secret secret) {
        return client.serviceAccounts()
                .resource(account)
                .tokenRequest(
                        new TokenRequestBuilder()
                                .withNewSpec()
                                .withExpirationSeconds(SECONDS)
                                .withNewBoundObjectRef(
                                        "v1",
                                        "Secret",
                                        secret.getMetadata().getName(),
                                        secret.getMetadata().getUid())
                                .endSpec()
                                .build())
                .getStatus()
                .getToken();
    }

    private static String annotation(Secret secret, String name) {
        Map<String, String> annotations = secret.getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(name, "");
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}

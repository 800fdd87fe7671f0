package dev.coracle.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * A part of the cluster under its own ServiceAccount, with the rights its own file gives it: a
 * token for an hour, renewed before it expires.
 */
final class ServiceIdentity {

    private static final Duration LIFE = Duration.ofHours(1);

    private final KubernetesClient administrator;
    private final String namespace;
    private final String account;
    private final InstantSource clock;
    private String token = "";
    private Instant renewal = Instant.MIN;

    private ServiceIdentity(
            KubernetesClient administrator, String namespace, String account, InstantSource clock) {
        this.administrator = administrator;
        this.namespace = namespace;
        this.account = account;
        this.clock = clock;
    }

    /**
     * Makes what {@code rights} describes unless it is there, and a client of that account.
     *
     * @param rights a class path resource with the account and its roles
     */
    static KubernetesClient client(
            KubernetesClient administrator,
            String rights,
            String namespace,
            String account,
            InstantSource clock)
            throws IOException {
        try (InputStream file = ServiceIdentity.class.getResourceAsStream(rights)) {
            if (file == null) {
                throw new IOException("'" + rights + "' is not in the class path");
            }
            for (HasMetadata wanted : administrator.load(file).items()) {
                create(administrator, wanted);
            }
        }
        ServiceIdentity identity = new ServiceIdentity(administrator, namespace, account, clock);
        Config own =
                new ConfigBuilder(Config.empty())
                        .withMasterUrl(administrator.getConfiguration().getMasterUrl())
                        .withCaCertData(administrator.getConfiguration().getCaCertData())
                        .withOauthTokenProvider(identity::token)
                        .withOnlyHttpWatches(true)
                        .build();
        return new KubernetesClientBuilder().withConfig(own).build();
    }

    private static void create(KubernetesClient administrator, HasMetadata wanted) {
        try {
            var _ = administrator.resource(wanted).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }

    private synchronized @Nullable String token() {
        Instant now = clock.instant();
        if (now.isAfter(renewal)) {
            TokenRequest issued =
                    administrator
                            .serviceAccounts()
                            .inNamespace(namespace)
                            .withName(account)
                            .tokenRequest(
                                    new TokenRequestBuilder()
                                            .withNewSpec()
                                            .withExpirationSeconds(LIFE.toSeconds())
                                            .endSpec()
                                            .build());
            token = issued.getStatus().getToken();
            renewal = now.plus(LIFE.multipliedBy(4).dividedBy(5));
        }
        return token;
    }
}

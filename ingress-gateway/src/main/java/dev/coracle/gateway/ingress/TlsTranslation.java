package dev.coracle.gateway.ingress;

import dev.coracle.gateway.route.HostMatcher;
import dev.coracle.gateway.tls.ServerCertificate;
import dev.coracle.gateway.tls.TlsHost;
import dev.coracle.gateway.tls.TlsTable;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressTLS;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code spec.tls} of Ingresses to a {@link TlsTable}. Without {@code hosts} a certificate is for
 * the names in it; without {@code secretName} hosts get the gateway's own certificate.
 */
final class TlsTranslation {

    /** The table, and what is asked for in vain. */
    record Translated(TlsTable table, List<Refusal> refusals) {}

    private final TlsSecrets secrets;
    private final List<TlsHost> hosts = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();

    private TlsTranslation(TlsSecrets secrets) {
        this.secrets = secrets;
    }

    /** {@code served} is oldest first. */
    static Translated translate(List<Ingress> served, TlsSecrets secrets) {
        TlsTranslation translation = new TlsTranslation(secrets);
        served.forEach(translation::add);
        return new Translated(new TlsTable(translation.hosts), List.copyOf(translation.refusals));
    }

    private void add(Ingress ingress) {
        List<IngressTLS> all = ingress.getSpec().getTls();
        for (int i = 0; all != null && i < all.size(); i++) {
            String secret = all.get(i).getSecretName();
            if (secret != null && !secret.isEmpty()) {
                add(ingress, i, all.get(i), secret);
            }
        }
    }

    private void add(Ingress ingress, int index, IngressTLS tls, String secret) {
        String namespace = ingress.getMetadata().getNamespace();
        switch (secrets.find(namespace, secret)) {
            case TlsSecrets.Found.Usable(ServerCertificate certificate) -> {
                boolean unnamed = tls.getHosts() == null || tls.getHosts().isEmpty();
                for (String host : unnamed ? certificate.names() : tls.getHosts()) {
                    hosts.add(
                            new TlsHost(
                                    HostMatcher.of(host),
                                    certificate,
                                    namespace + "/" + secret,
                                    IngressTranslation.key(ingress)));
                }
            }
            case TlsSecrets.Found.Unusable(String reason, String message) ->
                    refusals.add(
                            new Refusal(
                                    ingress,
                                    reason,
                                    ("spec.tls[%d].secretName: \"%s\": %s; until then its hosts get"
                                                    + " the gateway's own certificate")
                                            .formatted(index, secret, message)));
        }
    }
}

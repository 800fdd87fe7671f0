package dev.coracle.gateway.ingress;

import dev.coracle.gateway.tls.InvalidCertificateException;
import dev.coracle.gateway.tls.ServerCertificate;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the certificates that Secrets hold, each version once. For one thread. */
final class TlsSecrets {

    private static final String CERTIFICATE = "tls.crt";
    private static final String KEY = "tls.key";

    /** What a Secret turned out to be. */
    sealed interface Found {
        /** A certificate. */
        record Usable(ServerCertificate certificate) implements Found {}

        /** None; {@code reason} is an event's. */
        record Unusable(String reason, String message) implements Found {}
    }

    private record Version(String uid, String version) {}

    private record Read(Version version, Found found) {}

    private final Function<String, @Nullable Secret> secrets;
    private final Consumer<String> asked;
    private final Map<String, Read> known = new HashMap<>();
    private final Set<String> used = new HashSet<>();

    /**
     * Looks up by {@code namespace/name}.
     *
     * @param asked hears each key before it is looked up
     */
    TlsSecrets(Function<String, @Nullable Secret> secrets, Consumer<String> asked) {
        this.secrets = secrets;
        this.asked = asked;
    }

    Found find(String namespace, String name) {
        String key = namespace + "/" + name;
        used.add(key);
        asked.accept(key);
        Secret secret = secrets.apply(key);
        if (secret == null) {
            return new Found.Unusable(
                    "TLSSecretNotFound", "namespace %s has no such Secret".formatted(namespace));
        }
        Version version =
                new Version(
                        secret.getMetadata().getUid(), secret.getMetadata().getResourceVersion());
        Read read = known.get(key);
        if (read == null || !read.version().equals(version)) {
            read = new Read(version, read(secret));
            known.put(key, read);
        }
        return read.found();
    }

    /** Forgets what was not asked for since the last call. */
    Set<String> retainUsed() {
        Set<String> kept = Set.copyOf(used);
        used.clear();
        known.keySet().retainAll(kept);
        return kept;
    }

    private static Found read(Secret secret) {
        try {
            return new Found.Usable(
                    ServerCertificate.parse(bytes(secret, CERTIFICATE), bytes(secret, KEY)));
        } catch (InvalidCertificateException e) {
            return new Found.Unusable("TLSSecretInvalid", e.reason());
        }
    }

    private static byte[] bytes(Secret secret, String key) {
        Map<String, String> data = secret.getData();
        String text = data == null ? null : data.get(key);
        // the API server holds that it is base64
        return text == null ? new byte[0] : Base64.getDecoder().decode(text);
    }
}

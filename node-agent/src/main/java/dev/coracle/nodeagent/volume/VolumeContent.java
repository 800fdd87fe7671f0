package dev.coracle.nodeagent.volume;

import dev.coracle.nodeagent.podfield.PodFields;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccountTokenProjection;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The files that a configMap, secret, downwardAPI or projected volume shows. One volume's. */
final class VolumeContent {

    private static final int DEFAULT_MODE = 0644;
    private static final long DEFAULT_TOKEN_SECONDS = 3600;
    private static final Duration LONGEST_TOKEN_AGE = Duration.ofHours(24);

    private final ObjectLookup objects;
    private final Map<String, ObjectLookup.Token> tokens = new HashMap<>();

    VolumeContent(ObjectLookup objects) {
        this.objects = objects;
    }

    /** Whether the volume's files are made of objects. */
    static boolean isMadeOfObjects(Volume volume) {
        return volume.getConfigMap() != null
                || volume.getSecret() != null
                || volume.getDownwardAPI() != null
                || volume.getProjected() != null;
    }

    /**
     * The files by path.
     *
     * @throws MissingObjectException if an object or key that is not optional is missing
     */
    Map<String, FileContent> of(Volume volume, PodFields fields, Instant now)
            throws MissingObjectException, IOException {
        Map<String, FileContent> files = new TreeMap<>();
        String namespace = fields.pod().getMetadata().getNamespace();
        if (volume.getConfigMap() != null) {
            var source = volume.getConfigMap();
            int mode = mode(source.getDefaultMode(), DEFAULT_MODE);
            configMap(
                    files,
                    namespace,
                    source.getName(),
                    new Selection(source.getItems(), isTrue(source.getOptional()), mode));
        } else if (volume.getSecret() != null) {
            var source = volume.getSecret();
            int mode = mode(source.getDefaultMode(), DEFAULT_MODE);
            secret(
                    files,
                    namespace,
                    source.getSecretName(),
                    new Selection(source.getItems(), isTrue(source.getOptional()), mode));
        } else if (volume.getDownwardAPI() != null) {
            var source = volume.getDownwardAPI();
            downward(files, source.getItems(), fields, mode(source.getDefaultMode(), DEFAULT_MODE));
        } else if (volume.getProjected() != null) {
            int mode = mode(volume.getProjected().getDefaultMode(), DEFAULT_MODE);
            for (VolumeProjection source : volume.getProjected().getSources()) {
                projection(files, source, fields, mode, now);
            }
        }
        return files;
    }

    /** When a token has to be replaced; empty if there is none. */
    Optional<Instant> staleAt() {
        return tokens.values().stream().map(VolumeContent::staleAt).min(Instant::compareTo);
    }

    /** At four fifths of its life, or after a day. */
    private static Instant staleAt(ObjectLookup.Token token) {
        Duration life = Duration.between(token.issued(), token.expires());
        Duration fifth = life.dividedBy(5);
        Instant soon = token.expires().minus(fifth);
        Instant day = token.issued().plus(LONGEST_TOKEN_AGE);
        return soon.isBefore(day) ? soon : day;
    }

    private void projection(
            Map<String, FileContent> files,
            VolumeProjection source,
            PodFields fields,
            int mode,
            Instant now)
            throws MissingObjectException, IOException {
        String namespace = fields.pod().getMetadata().getNamespace();
        if (source.getConfigMap() != null) {
            var map = source.getConfigMap();
            configMap(
                    files,
                    namespace,
                    map.getName(),
                    new Selection(map.getItems(), isTrue(map.getOptional()), mode));
        }
        if (source.getSecret() != null) {
            var secret = source.getSecret();
            secret(
                    files,
                    namespace,
                    secret.getName(),
                    new Selection(secret.getItems(), isTrue(secret.getOptional()), mode));
        }
        if (source.getDownwardAPI() != null) {
            downward(files, source.getDownwardAPI().getItems(), fields, mode);
        }
        if (source.getServiceAccountToken() != null) {
            token(files, source.getServiceAccountToken(), fields.pod(), mode, now);
        }
    }

    private void token(
            Map<String, FileContent> files,
            ServiceAccountTokenProjection source,
            Pod pod,
            int mode,
            Instant now)
            throws IOException {
        ObjectLookup.Token token = tokens.get(source.getPath());
        if (token == null || !now.isBefore(staleAt(token))) {
            token =
                    objects.token(
                            pod,
                            Objects.requireNonNullElse(source.getAudience(), ""),
                            Objects.requireNonNullElse(
                                    source.getExpirationSeconds(), DEFAULT_TOKEN_SECONDS));
            tokens.put(source.getPath(), token);
        }
        var security = pod.getSpec().getSecurityContext();
        boolean restricted = security != null && security.getFsGroup() != null;
        files.put(
                source.getPath(),
                new FileContent(
                        token.text().getBytes(StandardCharsets.UTF_8), restricted ? 0600 : mode));
    }

    private void configMap(
            Map<String, FileContent> files, String namespace, String name, Selection selection)
            throws MissingObjectException {
        Optional<ConfigMap> object = objects.configMap(namespace, name);
        if (object.isEmpty() && !selection.optional()) {
            throw new MissingObjectException("configmap \"" + name + "\" not found");
        }
        Map<String, byte[]> data = new TreeMap<>();
        object.map(ConfigMap::getData)
                .ifPresent(map ->
                        map.forEach((k, v) -> data.put(k, v.getBytes(StandardCharsets.UTF_8))));
        object.map(ConfigMap::getBinaryData)
                .ifPresent(
                        map -> map.forEach((k, v) -> data.put(k, Base64.getDecoder().decode(v))));
        selection.select(files, data, "configmap references non-existent config key: ");
    }

    private void secret(
            Map<String, FileContent> files, String namespace, String name, Selection selection)
            throws MissingObjectException {
        Optional<Secret> object = objects.secret(namespace, name);
        if (object.isEmpty() && !selection.optional()) {
            throw new MissingObjectException("secret \"" + name + "\" not found");
        }
        Map<String, byte[]> data = new TreeMap<>();
        object.map(Secret::getData)
                .ifPresent(
                        map -> map.forEach((k, v) -> data.put(k, Base64.getDecoder().decode(v))));
        selection.select(files, data, "references non-existent secret key: ");
    }

    private static void downward(
            Map<String, FileContent> files,
            List<DownwardAPIVolumeFile> items,
            PodFields fields,
            int mode)
            throws IOException {
        for (DownwardAPIVolumeFile item : items) {
            try {
                String text =
                        item.getFieldRef() != null
                                ? fields.field(item.getFieldRef().getFieldPath())
                                : fields.resource(item.getResourceFieldRef(), null);
                files.put(
                        item.getPath(),
                        new FileContent(
                                text.getBytes(StandardCharsets.UTF_8), mode(item.getMode(), mode)));
            } catch (PodFields.UnknownFieldException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    private static int mode(@Nullable Integer mode, int otherwise) {
        return Objects.requireNonNullElse(mode, otherwise);
    }

    private static boolean isTrue(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    /** Which keys are shown where. */
    private record Selection(@Nullable List<KeyToPath> items, boolean optional, int mode) {

        void select(Map<String, FileContent> files, Map<String, byte[]> data, String missing)
                throws MissingObjectException {
            if (items == null || items.isEmpty()) {
                data.forEach((k, v) -> files.put(k, new FileContent(v, mode)));
                return;
            }
            for (KeyToPath item : items) {
                byte[] content = data.get(item.getKey());
                if (content != null) {
                    int own = Objects.requireNonNullElse(item.getMode(), mode);
                    files.put(item.getPath(), new FileContent(content, own));
                } else if (!optional) {
                    throw new MissingObjectException(missing + item.getKey());
                }
            }
        }
    }
}

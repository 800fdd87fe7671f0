package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.image.Image;
import dev.coracle.nodeagent.podfield.PodFields;
import dev.coracle.nodeagent.volume.MissingObjectException;
import dev.coracle.nodeagent.volume.ObjectLookup;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a container, later ones winning: image, Services, envFrom, env; {@code
 * $(NAME)} in a value stands for an earlier variable.
 */
final class ContainerEnvironment {

    private final Pod pod;
    private final PodFields fields;
    private final String hostname;
    private final ObjectLookup objects;
    private final List<Service> services;

    ContainerEnvironment(
            PodFields fields, String hostname, ObjectLookup objects, List<Service> services) {
        this.pod = fields.pod();
        this.fields = fields;
        this.hostname = hostname;
        this.objects = objects;
        this.services = services;
    }

    /**
     * The variables of one container.
     *
     * @throws MissingObjectException if an object or key that is not optional is missing, or a
     *     fieldRef is not supported
     */
    Map<String, String> of(Container container, Image image) throws MissingObjectException {
        Map<String, String> env = new LinkedHashMap<>(image.env());
        env.put("HOSTNAME", hostname);
        if (image.namesItsPod()) {
            env.put("CORACLE_POD_NAME", pod.getMetadata().getName());
            env.put("CORACLE_POD_NAMESPACE", pod.getMetadata().getNamespace());
            env.put("CORACLE_POD_IP", fields.podAddress());
            env.put(
                    "CORACLE_NODE_NAME",
                    Objects.requireNonNullElse(pod.getSpec().getNodeName(), ""));
            if (!container.getPorts().isEmpty()) {
                env.put("PORT", container.getPorts().getFirst().getContainerPort().toString());
            }
        }
        env.putAll(
                ServiceVariables.of(
                        services,
                        pod.getMetadata().getNamespace(),
                        !Boolean.FALSE.equals(pod.getSpec().getEnableServiceLinks())));
        for (EnvFromSource source : container.getEnvFrom()) {
            String prefix = Objects.requireNonNullElse(source.getPrefix(), "");
            from(source).forEach((key, value) -> env.put(prefix + key, value));
        }
        for (EnvVar variable : container.getEnv()) {
            EnvVarSource source = variable.getValueFrom();
            String value =
                    source == null
                            ? expand(Objects.requireNonNullElse(variable.getValue(), ""), env)
                            : value(source, container);
            if (value != null) {
                env.put(variable.getName(), value);
            }
        }
        return env;
    }

    /** Replaces {@code $(NAME)} by a known variable; {@code $$} stands for one dollar sign. */
    static String expand(String text, Map<String, String> env) {
        StringBuilder result = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '$' && i + 1 < text.length()) {
                if (text.charAt(i + 1) == '$') {
                    result.append('$');
                    i += 2;
                    continue;
                }
                int end = text.charAt(i + 1) == '(' ? text.indexOf(')', i) : -1;
                if (end > 0) {
                    String known = env.get(text.substring(i + 2, end));
                    result.append(known == null ? text.substring(i, end + 1) : known);
                    i = end + 1;
                    continue;
                }
            }
            result.append(c);
            i++;
        }
        return result.toString();
    }

    private Map<String, String> from(EnvFromSource source) throws MissingObjectException {
        String namespace = pod.getMetadata().getNamespace();
        if (source.getConfigMapRef() != null) {
            String name = source.getConfigMapRef().getName();
            Optional<ConfigMap> found = objects.configMap(namespace, name);
            if (found.isEmpty() && !Boolean.TRUE.equals(source.getConfigMapRef().getOptional())) {
                throw new MissingObjectException("configmap \"" + name + "\" not found");
            }
            return new TreeMap<>(found.map(ConfigMap::getData).orElse(Map.of()));
        }
        if (source.getSecretRef() != null) {
            String name = source.getSecretRef().getName();
            Optional<Secret> found = objects.secret(namespace, name);
            if (found.isEmpty() && !Boolean.TRUE.equals(source.getSecretRef().getOptional())) {
                throw new MissingObjectException("secret \"" + name + "\" not found");
            }
            Map<String, String> decoded = new TreeMap<>();
            found.map(Secret::getData)
                    .orElse(Map.of())
                    .forEach((k, v) -> decoded.put(k, decode(v)));
            return decoded;
        }
        return Map.of();
    }

    /** Null if an optional source is absent: the variable is not set then. */
    private @Nullable String value(EnvVarSource source, Container container)
            throws MissingObjectException {
        String namespace = pod.getMetadata().getNamespace();
        try {
            if (source.getFieldRef() != null) {
                return fields.field(source.getFieldRef().getFieldPath());
            }
            if (source.getResourceFieldRef() != null) {
                return fields.resource(source.getResourceFieldRef(), container);
            }
        } catch (PodFields.UnknownFieldException e) {
            throw new MissingObjectException(String.valueOf(e.getMessage()));
        }
        if (source.getConfigMapKeyRef() != null) {
            var ref = source.getConfigMapKeyRef();
            Optional<ConfigMap> map = objects.configMap(namespace, ref.getName());
            boolean optional = Boolean.TRUE.equals(ref.getOptional());
            if (map.isEmpty() && !optional) {
                throw new MissingObjectException("configmap \"" + ref.getName() + "\" not found");
            }
            String value =
                    map.map(ConfigMap::getData).map(data -> data.get(ref.getKey())).orElse(null);
            return found(
                    value, optional, ref.getKey(), "ConfigMap " + namespace + "/" + ref.getName());
        }
        if (source.getSecretKeyRef() != null) {
            var ref = source.getSecretKeyRef();
            Optional<Secret> secret = objects.secret(namespace, ref.getName());
            boolean optional = Boolean.TRUE.equals(ref.getOptional());
            if (secret.isEmpty() && !optional) {
                throw new MissingObjectException("secret \"" + ref.getName() + "\" not found");
            }
            String value =
                    secret.map(Secret::getData)
                            .map(data -> data.get(ref.getKey()))
                            .map(ContainerEnvironment::decode)
                            .orElse(null);
            return found(
                    value, optional, ref.getKey(), "Secret " + namespace + "/" + ref.getName());
        }
        throw new MissingObjectException("this node does not support env valueFrom fileKeyRef");
    }

    private static @Nullable String found(
            @Nullable String value, boolean optional, String key, String where)
            throws MissingObjectException {
        if (value == null && !optional) {
            throw new MissingObjectException("couldn't find key " + key + " in " + where);
        }
        return value;
    }

    private static String decode(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}

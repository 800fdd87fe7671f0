package dev.coracle.controllers.serviceaccount;

import dev.coracle.controllers.informer.ClusterInformers;
import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.workqueue.ControlLoop;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.Optional;

/**
 * Makes ServiceAccount {@code default} and ConfigMap {@code kube-root-ca.crt} in each namespace,
 * and makes them again.
 */
public final class ServiceAccountController {

    private static final String ACCOUNT = "default";
    private static final String AUTHORITY = "kube-root-ca.crt";
    private static final String DESCRIBED = "kubernetes.io/description";
    private static final String DESCRIPTION =
            "Contains a CA bundle that can be used to verify the kube-apiserver when using internal"
                    + " endpoints such as the internal service IP or kubernetes.default.svc. No"
                    + " other usage is guaranteed across distributions of Kubernetes clusters.";

    private final KubernetesClient client;
    private final ClusterInformers informers;
    private final String certificateAuthority;
    private final ControlLoop<NamespacedName> loop;

    /** {@code certificateAuthority} is PEM; if it is empty no ConfigMap is made. */
    public ServiceAccountController(
            KubernetesClient client, ClusterInformers informers, String certificateAuthority) {
        this.client = client;
        this.informers = informers;
        this.certificateAuthority = certificateAuthority;
        this.loop = new ControlLoop<>("serviceaccount", 2, this::reconcile);
        informers.namespaces.onAnyChange(n -> loop.enqueue(NamespacedName.of(n)));
        informers.serviceAccounts.onChange((before, after) ->
                Optional.ofNullable(after == null ? before : null).ifPresent(this::gone));
        informers.configMaps.onAnyChange(this::configMapChanged);
    }

    public ControlLoop<NamespacedName> loop() {
        return loop;
    }

    private void gone(HasMetadata object) {
        loop.enqueue(new NamespacedName("", object.getMetadata().getNamespace()));
    }

    private void configMapChanged(ConfigMap map) {
        if (map.getMetadata().getName().equals(AUTHORITY)) {
            gone(map);
        }
    }

    private void reconcile(NamespacedName key) {
        Optional<Namespace> namespace =
                informers
                        .namespaces
                        .find(key)
                        .filter(n -> n.getMetadata().getDeletionTimestamp() == null);
        if (namespace.isEmpty()) {
            return;
        }
        if (informers.serviceAccounts.find(new NamespacedName(key.name(), ACCOUNT)).isEmpty()) {
            create(
                    new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withNamespace(key.name())
                            .withName(ACCOUNT)
                            .endMetadata()
                            .build());
        }
        if (!certificateAuthority.isEmpty()) {
            writeAuthority(key.name());
        }
    }

    private void writeAuthority(String namespace) {
        Map<String, String> wanted = Map.of("ca.crt", certificateAuthority);
        Optional<ConfigMap> current =
                informers.configMaps.find(new NamespacedName(namespace, AUTHORITY));
        if (current.isEmpty()) {
            create(
                    new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName(AUTHORITY)
                            .addToAnnotations(DESCRIBED, DESCRIPTION)
                            .endMetadata()
                            .withData(wanted)
                            .build());
        } else if (!wanted.equals(current.get().getData()) || !isDescribed(current.get())) {
            var _ =
                    client.resource(
                                    new ConfigMapBuilder(current.get())
                                            .editMetadata()
                                            .addToAnnotations(DESCRIBED, DESCRIPTION)
                                            .endMetadata()
                                            .withData(wanted)
                                            .build())
                            .update();
        }
    }

    private static boolean isDescribed(ConfigMap map) {
        Map<String, String> annotations = map.getMetadata().getAnnotations();
        return annotations != null && annotations.containsKey(DESCRIBED);
    }

    private void create(HasMetadata object) {
        try {
            var _ = client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        }
    }
}

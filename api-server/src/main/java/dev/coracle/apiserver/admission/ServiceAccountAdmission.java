package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionChain.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.NameGenerator;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gives a new pod its service account: {@code default} if it names none, the account's
 * imagePullSecrets, and a volume with the account's token unless pod or account decline it.
 */
final class ServiceAccountAdmission implements AdmissionPlugin {

    private static final String DEFAULT = "default";
    private static final String PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
    private static final String PREFIX = "kube-api-access-";
    private static final int TOKEN_SECONDS = 3607;
    private static final int MODE = 0644;

    private final WatchCache cache;

    ServiceAccountAdmission(WatchCache cache) {
        this.cache = cache;
    }

    @Override
    public void admit(Operation operation, ResourceDefinition resource, ApiObject pod) {
        if (operation != Operation.CREATE || !resource.storageKey().equals("pods")) {
            return;
        }
        ObjectNode spec = pod.spec();
        if (pod.text("spec.serviceAccountName").isEmpty()) {
            spec.put("serviceAccountName", DEFAULT).put("serviceAccount", DEFAULT);
        }
        String name = pod.text("spec.serviceAccountName");
        Optional<ApiObject> account =
                cache.find("serviceaccounts", new NamespacedName(pod.namespace(), name))
                        .map(CachedObject::toObject);
        if (account.isEmpty() && !name.equals(DEFAULT)) {
            throw ApiException.forbidden(
                    "",
                    "pods",
                    pod.name(),
                    "error looking up service account "
                            + pod.namespace()
                            + "/"
                            + name
                            + ": serviceaccount \""
                            + name
                            + "\" not found");
        }
        if (mounts(spec, account)) {
            mount(spec);
        }
        JsonNode secrets = account.map(a -> a.at("imagePullSecrets")).orElse(null);
        if (secrets != null && !secrets.isEmpty() && spec.path("imagePullSecrets").isEmpty()) {
            spec.set("imagePullSecrets", secrets.deepCopy());
        }
    }

    /** The pod's own word first, then its account's. */
    private static boolean mounts(ObjectNode spec, Optional<ApiObject> account) {
        JsonNode own = spec.path("automountServiceAccountToken");
        return own.isBoolean()
                ? own.booleanValue()
                : account.map(a -> a.at("automountServiceAccountToken"))
                        .map(wish -> !wish.isBoolean() || wish.booleanValue())
                        .orElse(true);
    }

    private static void mount(ObjectNode spec) {
        String name = "";
        for (JsonNode volume : spec.path("volumes")) {
            if (volume.path("name").asString("").startsWith(PREFIX)) {
                name = volume.path("name").asString("");
            }
        }
        boolean present = !name.isEmpty();
        if (!present) {
            name = new NameGenerator().from(PREFIX);
        }
        boolean mounted = false;
        for (String list : new String[] {"initContainers", "containers"}) {
            for (JsonNode container : spec.path(list)) {
                if (container instanceof ObjectNode each && !hasMount(each)) {
                    each.withArray("volumeMounts")
                            .addObject()
                            .put("name", name)
                            .put("readOnly", true)
                            .put("mountPath", PATH);
                    mounted = true;
                }
            }
        }
        if (mounted && !present) {
            volume(spec.withArray("volumes").addObject(), name);
        }
    }

    private static boolean hasMount(ObjectNode container) {
        for (JsonNode mount : container.path("volumeMounts")) {
            if (mount.path("mountPath").asString("").equals(PATH)) {
                return true;
            }
        }
        return false;
    }

    private static void volume(ObjectNode volume, String name) {
        volume.put("name", name);
        ObjectNode projected = volume.putObject("projected");
        ArrayNode sources = projected.putArray("sources");
        sources.addObject()
                .putObject("serviceAccountToken")
                .put("expirationSeconds", TOKEN_SECONDS)
                .put("path", "token");
        ObjectNode authority =
                sources.addObject().putObject("configMap").put("name", "kube-root-ca.crt");
        authority.putArray("items").addObject().put("key", "ca.crt").put("path", "ca.crt");
        ObjectNode namespace =
                sources.addObject()
                        .putObject("downwardAPI")
                        .putArray("items")
                        .addObject()
                        .put("path", "namespace");
        namespace
                .putObject("fieldRef")
                .put("apiVersion", "v1")
                .put("fieldPath", "metadata.namespace");
        projected.put("defaultMode", MODE);
    }
}

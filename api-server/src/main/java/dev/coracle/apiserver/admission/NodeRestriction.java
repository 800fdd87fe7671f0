package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds a node to itself and its pods (Kubernetes: Admission Control, "NodeRestriction").
 *
 * <p>Beyond upstream: nodes here may delete volumes that are released, and their own requests for
 * certificates.
 */
public final class NodeRestriction {

    private static final Set<String> OWN_LABELS =
            Set.of(
                    "kubernetes.io/hostname",
                    "kubernetes.io/os",
                    "kubernetes.io/arch",
                    "beta.kubernetes.io/os",
                    "beta.kubernetes.io/arch",
                    "beta.kubernetes.io/instance-type",
                    "node.kubernetes.io/instance-type",
                    "topology.kubernetes.io/region",
                    "topology.kubernetes.io/zone",
                    "failure-domain.beta.kubernetes.io/region",
                    "failure-domain.beta.kubernetes.io/zone");

    private static final String PROVISIONER = "local.coracle.dev";

    private final WatchCache cache;

    public NodeRestriction(WatchCache cache) {
        this.cache = cache;
    }

    /**
     * What a node asks for.
     *
     * @param resource the storage key, such as {@code pods}
     * @param subresource or empty
     * @param name of the object that the request names; empty for a new one
     * @param object null for a delete
     * @param old null for a create
     */
    public record Request(
            Operation operation,
            String resource,
            String subresource,
            NamespacedName name,
            @Nullable ApiObject object,
            @Nullable ApiObject old) {}

    /**
     * Lets it pass.
     *
     * @throws ApiException 403 if it is another node's business
     */
    public void check(String node, Request request) {
        refusal(node, request)
                .ifPresent(why -> {
                    String resource = request.resource();
                    int dot = resource.indexOf('.');
                    throw ApiException.forbidden(
                            dot < 0 ? "" : resource.substring(dot + 1),
                            dot < 0 ? resource : resource.substring(0, dot),
                            request.name().name(),
                            why);
                });
    }

    private Optional<String> refusal(String node, Request request) {
        return switch (request.resource()) {
            case "pods" -> pod(node, request);
            case "nodes" -> node(node, request);
            case "serviceaccounts" ->
                    request.subresource().equals("token") && request.object() != null
                            ? token(node, request.name().namespace(), request.object())
                            : Optional.empty();
            case "leases.coordination.k8s.io" ->
                    refuseUnless(
                            named(request).equals(node),
                            "can only access node lease with the same name as the requesting node");
            case "persistentvolumes" ->
                    refuseUnless(
                            request.old() == null || isReclaimed(request.old()),
                            "node %s can only delete released volumes of %s"
                                    .formatted(quote(node), PROVISIONER));
            case "certificatesigningrequests.certificates.k8s.io" ->
                    refuseUnless(
                            request.old() == null
                                    || request.old()
                                            .text("spec.username")
                                            .equals("system:node:" + node),
                            "node %s can only change its own requests".formatted(quote(node)));
            default -> Optional.empty();
        };
    }

    private static Optional<String> refuseUnless(boolean right, String why) {
        return right ? Optional.empty() : Optional.of(why);
    }

    private Optional<String> pod(String node, Request request) {
        ApiObject old = request.old();
        if (request.subresource().equals("eviction")) {
            return refuseUnless(
                    isBoundTo(node, request.name()),
                    "node %s can only evict pods with spec.nodeName set to itself"
                            .formatted(quote(node)));
        }
        if (old == null) {
            return Optional.of(
                    "pod does not have \"kubernetes.io/config.mirror\" annotation, node "
                            + quote(node)
                            + " can only create mirror pods");
        }
        boolean own = old.text("spec.nodeName").equals(node);
        if (request.operation() == Operation.DELETE) {
            return refuseUnless(
                    own,
                    "node %s can only delete pods with spec.nodeName set to itself"
                            .formatted(quote(node)));
        }
        if (!own) {
            return Optional.of(
                    "node %s can only update pod status for pods with spec.nodeName set to itself"
                            .formatted(quote(node)));
        }
        return refuseUnless(
                request.object() == null || request.object().labels().equals(old.labels()),
                "node %s cannot update labels through pod status".formatted(quote(node)));
    }

    private static Optional<String> node(String node, Request request) {
        String name = named(request);
        if (!name.equals(node)) {
            return Optional.of(
                    "node %s is not allowed to modify node %s".formatted(quote(node), quote(name)));
        }
        ApiObject object = request.object();
        if (object == null) {
            return Optional.empty();
        }
        Map<String, String> before = request.old() == null ? Map.of() : request.old().labels();
        Set<String> foreign = new TreeSet<>();
        object.labels()
                .forEach((key, value) -> {
                    if (!value.equals(before.get(key)) && !isOwnLabel(key)) {
                        foreign.add(key);
                    }
                });
        before.keySet().stream()
                .filter(key -> !object.labels().containsKey(key) && !isOwnLabel(key))
                .forEach(foreign::add);
        if (!foreign.isEmpty()) {
            return Optional.of(
                    "is not allowed to %s labels: %s"
                            .formatted(
                                    request.old() == null ? "set the following" : "modify",
                                    String.join(", ", foreign)));
        }
        return refuseUnless(
                request.old() == null
                        || object.at("spec.taints").equals(request.old().at("spec.taints")),
                "node %s is not allowed to modify taints".formatted(quote(node)));
    }

    /** Labels that are not Kubernetes' own are free. */
    private static boolean isOwnLabel(String key) {
        int slash = key.indexOf('/');
        String domain = slash < 0 ? "" : key.substring(0, slash);
        boolean kubernetes =
                domain.equals("kubernetes.io")
                        || domain.endsWith(".kubernetes.io")
                        || domain.equals("k8s.io")
                        || domain.endsWith(".k8s.io");
        return !kubernetes
                || OWN_LABELS.contains(key)
                || domain.equals("node.kubernetes.io")
                || domain.endsWith(".node.kubernetes.io")
                || domain.equals("kubelet.kubernetes.io")
                || domain.endsWith(".kubelet.kubernetes.io");
    }

    private Optional<String> token(String node, String namespace, ApiObject asked) {
        if (!asked.text("spec.boundObjectRef.kind").equals("Pod")) {
            return Optional.of("node requested token not bound to a pod");
        }
        return refuseUnless(
                isBoundTo(
                        node,
                        new NamespacedName(namespace, asked.text("spec.boundObjectRef.name"))),
                "node requested token bound to a pod scheduled on a different node");
    }

    private boolean isBoundTo(String node, NamespacedName pod) {
        return cache.find("pods", pod)
                .map(CachedObject::fields)
                .filter(fields -> node.equals(fields.get("spec.nodeName")))
                .isPresent();
    }

    /** Whether it is one that nodes make, and that nobody wants any more. */
    private static boolean isReclaimed(ApiObject volume) {
        return PROVISIONER.equals(volume.annotations().get("pv.kubernetes.io/provisioned-by"))
                && volume.text("status.phase").equals("Released")
                && volume.text("spec.persistentVolumeReclaimPolicy").equals("Delete");
    }

    private static String named(Request request) {
        return request.name().name().isEmpty() && request.object() != null
                ? Objects.requireNonNull(request.object()).name()
                : request.name().name();
    }

    private static String quote(String name) {
        return "\"" + name + "\"";
    }
}

package dev.coracle.apiserver.bootstrap;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Makes what is missing of the objects every cluster has. Runs at each start, before the first
 * request.
 */
public final class ClusterBootstrap {

    private static final String RBAC = "rbac.authorization.k8s.io";
    private static final String AUTO_UPDATE = "rbac.authorization.kubernetes.io/autoupdate";
    private static final List<String> LISTS = List.of("rules", "subjects");
    private static final String NETWORKING = "networking.k8s.io/v1";
    private static final List<String> NAMESPACES =
            List.of("default", "kube-system", "kube-public", "kube-node-lease");

    private final ResourceRegistry resources;
    private final Registry registry;
    private final WatchCache cache;

    public ClusterBootstrap(ResourceRegistry resources, Registry registry, WatchCache cache) {
        this.resources = resources;
        this.registry = registry;
        this.cache = cache;
    }

    /**
     * Where pods reach the API server.
     *
     * @param clusterIp of the Service {@code default/kubernetes}
     * @param serviceCidr the range that address is of
     * @param address its endpoint; empty when the API server has no address inside the cluster
     */
    public record ApiServerAddress(
            String clusterIp, String serviceCidr, String address, int port) {}

    public void run(ApiServerAddress api) {
        for (String namespace : NAMESPACES) {
            ensure("v1", "Namespace", "namespaces", "", namespace, _ -> {});
        }
        ensure(
                "v1",
                "Service",
                "services",
                "default",
                "kubernetes",
                service -> {
                    service.metadata()
                            .putObject("labels")
                            .put("component", "apiserver")
                            .put("provider", "kubernetes");
                    ObjectNode spec = service.spec();
                    spec.put("clusterIP", api.clusterIp());
                    spec.putArray("ports")
                            .addObject()
                            .put("name", "https")
                            .put("port", 443)
                            .put("protocol", "TCP")
                            .put("targetPort", api.port());
                });
        if (!api.address().isEmpty()) {
            endpoints(api);
        }
        defaults("rbac.yaml");
        defaults("parts.yaml");
        defaults("priorities.yaml");
        defaults("flowcontrol.yaml");
        defaults("storage.yaml");
        serviceCidr(api.serviceCidr());
    }

    /** The range that cluster IPs come from; ready, as it is in use. */
    private void serviceCidr(String cidr) {
        ensure(
                NETWORKING,
                "ServiceCIDR",
                "servicecidrs",
                "",
                "kubernetes",
                object -> object.spec().putArray("cidrs").add(cidr));
        registry.update(
                        strategy(NETWORKING, "servicecidrs"),
                        new NamespacedName("", "kubernetes"),
                        Registry.Scope.STATUS,
                        WriteOptions.INTERNAL,
                        current -> {
                            if (current.at("status.conditions").isEmpty()) {
                                current.status()
                                        .putArray("conditions")
                                        .addObject()
                                        .put("type", "Ready")
                                        .put("status", "True")
                                        .put("reason", "")
                                        .put("message", "Kubernetes default Service CIDR is ready")
                                        .put(
                                                "lastTransitionTime",
                                                current.text("metadata.creationTimestamp"));
                            }
                            return current;
                        })
                .block();
    }

    /** Makes what is missing of the objects in a file beside this class's resources. */
    private void defaults(String file) {
        try (InputStream in = ClusterBootstrap.class.getResourceAsStream("/bootstrap/" + file);
                MappingIterator<ObjectNode> objects =
                        new YAMLMapper().readerFor(ObjectNode.class).readValues(in)) {
            List<Mono<Void>> writes = new ArrayList<>();
            while (objects.hasNext()) {
                ApiObject object = new ApiObject(objects.next());
                writes.add(create(strategyOf(object), object));
            }
            // all under way at once: they share the log's commits
            Flux.merge(writes).then().block();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ResourceStrategy strategyOf(ApiObject object) {
        return resources.in(object.apiVersion()).stream()
                .filter(strategy -> strategy.definition().kind().kind().equals(object.kind()))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("'" + object.kind() + "' is not served"));
    }

    private void endpoints(ApiServerAddress api) {
        put(
                "v1",
                "Endpoints",
                "endpoints",
                object -> {
                    object.metadata()
                            .putObject("labels")
                            .put("endpointslice.kubernetes.io/skip-mirror", "true");
                    ObjectNode subset = object.tree().putArray("subsets").addObject();
                    subset.putArray("addresses").addObject().put("ip", api.address());
                    subset.putArray("ports")
                            .addObject()
                            .put("name", "https")
                            .put("port", api.port())
                            .put("protocol", "TCP");
                });
        put(
                "discovery.k8s.io/v1",
                "EndpointSlice",
                "endpointslices",
                object -> {
                    object.metadata()
                            .putObject("labels")
                            .put("kubernetes.io/service-name", "kubernetes");
                    object.tree().put("addressType", "IPv4");
                    ObjectNode endpoint = object.tree().putArray("endpoints").addObject();
                    endpoint.putArray("addresses").add(api.address());
                    endpoint.putObject("conditions").put("ready", true);
                    object.tree()
                            .putArray("ports")
                            .addObject()
                            .put("name", "https")
                            .put("port", api.port())
                            .put("protocol", "TCP");
                });
    }

    private void put(String apiVersion, String kind, String plural, Consumer<ApiObject> fill) {
        ensure(apiVersion, kind, plural, "default", "kubernetes", fill);
        registry.update(
                        strategy(apiVersion, plural),
                        new NamespacedName("default", "kubernetes"),
                        Registry.Scope.OBJECT,
                        WriteOptions.INTERNAL,
                        current -> {
                            fill.accept(current);
                            strategy(apiVersion, plural).applyDefaults(current);
                            return current;
                        })
                .block();
    }

    private void ensure(
            String apiVersion,
            String kind,
            String plural,
            String namespace,
            String name,
            Consumer<ApiObject> fill) {
        ObjectNode tree = Json.newObject().put("kind", kind).put("apiVersion", apiVersion);
        ObjectNode metadata = tree.putObject("metadata").put("name", name);
        if (!namespace.isEmpty()) {
            metadata.put("namespace", namespace);
        }
        ApiObject object = new ApiObject(tree);
        fill.accept(object);
        create(strategy(apiVersion, plural), object).block();
    }

    /**
     * Creates the object unless there is one of its name, which is left as it is; but a role gets
     * the rules it lacks, and a binding the subjects.
     */
    private Mono<Void> create(ResourceStrategy strategy, ApiObject object) {
        strategy.applyDefaults(object);
        Optional<CachedObject> present =
                cache.find(strategy.definition().storageKey(), object.key());
        if (present.isPresent()) {
            return strategy.definition().group().equals(RBAC)
                    ? complete(strategy, object, present.get().toObject())
                    : Mono.empty();
        }
        return registry.create(strategy, object, WriteOptions.INTERNAL)
                .onErrorResume(
                        e -> e instanceof ApiException api && api.reason().equals("AlreadyExists"),
                        _ -> Mono.empty())
                .then();
    }

    /** Auto-reconciliation (Kubernetes: Using RBAC Authorization); an annotation forbids it. */
    private Mono<Void> complete(ResourceStrategy strategy, ApiObject wanted, ApiObject stored) {
        boolean forbidden = "false".equals(stored.annotations().get(AUTO_UPDATE));
        if (forbidden || LISTS.stream().allMatch(list -> missing(list, wanted, stored).isEmpty())) {
            return Mono.empty();
        }
        return registry.update(
                        strategy,
                        stored.key(),
                        Registry.Scope.OBJECT,
                        WriteOptions.INTERNAL,
                        current -> {
                            for (String list : LISTS) {
                                List<ObjectNode> missing = missing(list, wanted, current);
                                if (!missing.isEmpty()) {
                                    current.tree().withArray(list).addAll(missing);
                                }
                            }
                            return current;
                        })
                .then();
    }

    private static List<ObjectNode> missing(String list, ApiObject wanted, ApiObject stored) {
        List<ObjectNode> present = Json.objects(stored.at(list));
        return Json.objects(wanted.at(list)).stream()
                .filter(each -> present.stream().noneMatch(known -> Json.same(known, each)))
                .toList();
    }

    private ResourceStrategy strategy(String apiVersion, String plural) {
        return resources
                .find(apiVersion, plural)
                .orElseThrow(() -> new IllegalStateException("'" + plural + "' is not served"));
    }
}

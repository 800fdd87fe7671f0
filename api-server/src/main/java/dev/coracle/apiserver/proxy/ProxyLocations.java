package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.proxy.ProxyPath.Named;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ObjectNode;

/** Where a pod, a Service or a node is reached (k8s.io/kubernetes, the ResourceLocations). */
final class ProxyLocations {

    private final WatchCache cache;
    private final RandomGenerator random;
    private final boolean onLoopback;

    ProxyLocations(WatchCache cache, RandomGenerator random, boolean onLoopback) {
        this.onLoopback = onLoopback;
        this.cache = cache;
        this.random = random;
    }

    /**
     * An address.
     *
     * @param kubelet whether a kubelet is there, to which the API server has to prove who it is
     */
    record Location(boolean secure, String address, int port, boolean kubelet) {

        Location(boolean secure, String address, int port) {
            this(secure, address, port, false);
        }

        String authority() {
            return address + ":" + port;
        }

        String url() {
            return (secure ? "https://" : "http://") + authority();
        }
    }

    /**
     * Finds it.
     *
     * @throws ApiException 404, 400 for a malformed id, 503 when there is nowhere to go
     */
    Location find(ProxyPath path) {
        String kind = path.resource().substring(0, path.resource().length() - 1);
        Named id =
                path.parsedId()
                        .orElseThrow(() ->
                                ApiException.badRequest(
                                        "invalid " + kind + " request \"" + path.id() + "\""));
        return switch (kind) {
            case "pod" -> pod(path, id);
            case "service" -> service(path, id);
            default -> node(path, id);
        };
    }

    private Location pod(ProxyPath path, Named id) {
        ApiObject pod = get(path, "pods", id.name());
        String port = id.port();
        if (port.isEmpty()) {
            port =
                    Json.objects(pod.at("spec.containers")).stream()
                            .flatMap(container ->
                                    Json.objects(container.path("ports")).stream().limit(1))
                            .map(declared -> Json.text(declared, "containerPort"))
                            .findFirst()
                            .orElse("");
        }
        return location(id.scheme(), pod.text("status.podIP"), port);
    }

    private Location service(ProxyPath path, Named id) {
        String port = id.port();
        if (port.matches("[0-9]{1,9}")) {
            port = nameOfPort(path, id);
        }
        List<Location> found = new ArrayList<>();
        ApiObject endpoints = get(path, "endpoints", id.name());
        for (ObjectNode subset : Json.objects(endpoints.at("subsets"))) {
            for (ObjectNode declared : Json.objects(subset.path("ports"))) {
                if (Json.text(declared, "name").equals(port)) {
                    for (ObjectNode address : Json.objects(subset.path("addresses"))) {
                        found.add(
                                location(
                                        id.scheme(),
                                        Json.text(address, "ip"),
                                        Json.text(declared, "port")));
                    }
                }
            }
        }
        if (found.isEmpty()) {
            throw ApiException.serviceUnavailable(
                    "no endpoints available for service \"" + id.name() + "\"");
        }
        return found.get(random.nextInt(found.size()));
    }

    private String nameOfPort(ProxyPath path, Named id) {
        ApiObject service = get(path, "services", id.name());
        return Json.objects(service.at("spec.ports")).stream()
                .filter(port -> Json.text(port, "port").equals(id.port()))
                .map(port -> Json.text(port, "name"))
                .findFirst()
                .orElseThrow(() ->
                        ApiException.serviceUnavailable(
                                "no service port "
                                        + id.port()
                                        + " found for service \""
                                        + id.name()
                                        + "\""));
    }

    private Location node(ProxyPath path, Named id) {
        ApiObject node = get(path, "nodes", id.name());
        String kubelet = node.text("status.daemonEndpoints.kubeletEndpoint.Port");
        String address =
                Json.objects(node.at("status.addresses")).stream()
                        .filter(each -> Json.text(each, "type").equals("InternalIP"))
                        .map(each -> Json.text(each, "address"))
                        .findFirst()
                        .orElse("");
        if (id.port().isEmpty() || id.port().equals(kubelet)) {
            Location found = location("https", address, kubelet);
            return new Location(true, found.address(), found.port(), true);
        }
        return location(id.scheme(), address, id.port());
    }

    private Location location(String scheme, String address, String port) {
        boolean allowed = Addresses.parse(address).filter(this::isAllowed).isPresent();
        if (!allowed) {
            throw ApiException.badRequest("address not allowed");
        }
        boolean secure = scheme.equals("https");
        if (port.isEmpty()) {
            return new Location(secure, address, secure ? 443 : 80);
        }
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
            throw ApiException.serviceUnavailable(
                    "error trying to reach service: address " + port + ": unknown port");
        }
        return new Location(secure, address, Integer.parseInt(port));
    }

    private boolean isAllowed(InetAddress address) {
        return !address.isAnyLocalAddress()
                && (onLoopback || !address.isLoopbackAddress())
                && !address.isLinkLocalAddress()
                && !address.isMulticastAddress();
    }

    private ApiObject get(ProxyPath path, String resource, String name) {
        return cache.find(resource, new NamespacedName(path.namespace(), name))
                .map(CachedObject::toObject)
                .orElseThrow(() -> ApiException.notFound("", resource, name));
    }
}

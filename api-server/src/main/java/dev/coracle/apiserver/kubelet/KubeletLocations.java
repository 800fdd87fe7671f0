package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where kubelets listen, by what their Nodes say. */
record KubeletLocations(WatchCache cache) {

    private static final int PORT = 10250;

    /**
     * The address of a node's kubelet.
     *
     * @throws ApiException 404 for an unknown node, 500 for one that says no address
     */
    InetSocketAddress find(String name) {
        ApiObject node =
                cache.find("nodes", new NamespacedName("", name))
                        .map(CachedObject::toObject)
                        .orElseThrow(() -> ApiException.notFound("", "nodes", name));
        InetAddress address =
                Json.objects(node.at("status.addresses")).stream()
                        .filter(each -> Json.text(each, "type").equals("InternalIP"))
                        .map(each -> Json.text(each, "address"))
                        .findFirst()
                        .flatMap(Addresses::parse)
                        .orElseThrow(() ->
                                ApiException.internal(
                                        "no preferred addresses found; known addresses: []"));
        int port = node.at("status.daemonEndpoints.kubeletEndpoint.Port").asInt(PORT);
        return new InetSocketAddress(address, port);
    }
}

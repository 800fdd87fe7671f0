package dev.coracle.benchmarks;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.BuiltInResources;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** The objects that are written and read: pods as a ReplicaSet makes them. */
final class Samples {

    private Samples() {}

    static byte[] pod(long number) {
        return """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-%1$d", "namespace":
        "default", "labels": {"app": "web", "pod-template-hash": "5d4f8c7b9"}, "ownerReferences":
        [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5d4f8c7b9", "uid":
        "0a5b7c1e-6a37-4a9c-8a5b-2f5d3c6b7a80", "controller": true, "blockOwnerDeletion": true}]},
        "spec": {"containers": [{"name": "web", "image": "coracle/echo", "ports":
        [{"containerPort": 8080, "name": "http"}], "env": [{"name": "MODE", "value": "fast"}],
        "resources": {"limits": {"cpu": "500m", "memory": "128Mi"}, "requests": {"cpu": "100m",
        "memory": "64Mi"}}, "readinessProbe": {"httpGet": {"path": "/healthz", "port":
        "http"}}}], "nodeSelector": {"disk": "ssd"}, "tolerations": [{"key": "a", "operator":
        "Exists"}]}}
        """
                .formatted(number)
                .getBytes(StandardCharsets.UTF_8);
    }

    static ApiObject podObject(long number) {
        return ApiObject.parse(pod(number));
    }

    static ResourceRegistry resources() {
        return new ResourceRegistry(
                BuiltInResources.all(
                        new ServiceStrategy(
                                new ClusterIpAllocator("10.96.0.0/16", new Random(1)),
                                new NodePortAllocator(new Random(1)))));
    }

    static ResourceStrategy pods(ResourceRegistry resources) {
        return resources.find("v1", "pods").orElseThrow();
    }
}

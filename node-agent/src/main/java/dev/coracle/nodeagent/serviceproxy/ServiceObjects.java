package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.nodeagent.serviceproxy.EndpointChoice.NodeView;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a proxy knows of the cluster, as of now. Thread-safe; Services are named by their key. */
interface ServiceObjects {

    /** All keys, {@code namespace/name}. */
    Set<String> keys();

    @Nullable Service service(String key);

    List<EndpointSlice> slices(String key);

    /** The node the proxy is on. */
    NodeView node();
}

package dev.coracle.nodeagent;

import dev.coracle.nodeagent.server.KubeletServer;
import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code /configz} shows: the settings of this node that a kubelet has too. */
final class KubeletSettings {

    private KubeletSettings() {}

    static Map<String, Object> of(NodeAgentProperties properties) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("kind", "KubeletConfiguration");
        settings.put("apiVersion", "kubelet.config.k8s.io/v1beta1");
        settings.put("address", "0.0.0.0");
        settings.put("port", KubeletServer.PORT);
        settings.put("nodeStatusUpdateFrequency", "10s");
        settings.put("nodeLeaseDurationSeconds", 40);
        settings.put("maxPods", 110);
        settings.put("clusterDomain", "cluster.local");
        settings.put("clusterDNS", new String[] {properties.fabric().addressPlan().dnsClusterIp()});
        settings.put("containerLogMaxSize", "10Mi");
        settings.put("containerLogMaxFiles", 5);
        settings.put("serverTLSBootstrap", true);
        return settings;
    }
}

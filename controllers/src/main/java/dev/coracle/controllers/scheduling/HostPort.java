package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;

/** A port of the node that a pod takes; {@code address} may be empty. */
record HostPort(String address, int port, String protocol) {

    static List<HostPort> of(Pod pod) {
        List<HostPort> ports = new ArrayList<>(0);
        for (Container container : pod.getSpec().getContainers()) {
            if (container.getPorts() != null) {
                for (ContainerPort port : container.getPorts()) {
                    if (port.getHostPort() != null && port.getHostPort() > 0) {
                        String protocol = port.getProtocol() == null ? "TCP" : port.getProtocol();
                        String address = port.getHostIP() == null ? "" : port.getHostIP();
                        ports.add(new HostPort(address, port.getHostPort(), protocol));
                    }
                }
            }
        }
        return ports;
    }

    /** All addresses are one with each of them. */
    boolean clashesWith(HostPort other) {
        return port == other.port
                && protocol.equals(other.protocol)
                && (isAny() || other.isAny() || address.equals(other.address));
    }

    private boolean isAny() {
        return address.isEmpty() || address.equals("0.0.0.0");
    }
}

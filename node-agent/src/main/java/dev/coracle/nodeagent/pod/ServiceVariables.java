package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The variables that tell a container about Services, in the form Docker links had. Pure. */
final class ServiceVariables {

    private ServiceVariables() {}

    /** Those of the namespace's Services if {@code links}, and of {@code default/kubernetes}. */
    static Map<String, String> of(List<Service> services, String namespace, boolean links) {
        Map<String, String> env = new LinkedHashMap<>();
        for (Service service : services) {
            String name = service.getMetadata().getName();
            String in = service.getMetadata().getNamespace();
            boolean api = in.equals("default") && name.equals("kubernetes");
            if (api || (links && in.equals(namespace))) {
                add(env, service);
            }
        }
        return env;
    }

    private static void add(Map<String, String> env, Service service) {
        String address = service.getSpec().getClusterIP();
        List<ServicePort> ports = service.getSpec().getPorts();
        if (address == null || address.isEmpty() || address.equals("None") || ports.isEmpty()) {
            return;
        }
        String prefix = service.getMetadata().getName().toUpperCase(Locale.ROOT).replace('-', '_');
        env.put(prefix + "_SERVICE_HOST", address);
        env.put(prefix + "_SERVICE_PORT", ports.getFirst().getPort().toString());
        for (ServicePort port : ports) {
            if (port.getName() != null && !port.getName().isEmpty()) {
                String name = port.getName().toUpperCase(Locale.ROOT).replace('-', '_');
                env.put(prefix + "_SERVICE_PORT_" + name, port.getPort().toString());
            }
        }
        env.put(prefix + "_PORT", url(address, ports.getFirst()));
        for (ServicePort port : ports) {
            String protocol = protocol(port);
            String head = prefix + "_PORT_" + port.getPort() + "_" + protocol;
            env.put(head, url(address, port));
            env.put(head + "_PROTO", protocol.toLowerCase(Locale.ROOT));
            env.put(head + "_PORT", port.getPort().toString());
            env.put(head + "_ADDR", address);
        }
    }

    private static String url(String address, ServicePort port) {
        return protocol(port).toLowerCase(Locale.ROOT) + "://" + address + ":" + port.getPort();
    }

    private static String protocol(ServicePort port) {
        return Objects.requireNonNullElse(port.getProtocol(), "TCP");
    }
}

package dev.coracle.apiserver.registry.core.service;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.Reservation;
import dev.coracle.apiserver.status.FieldError;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes a Service's cluster IP and node ports from their pools, and gives back what an update no
 * longer wants.
 */
final class ServiceAllocation {

    private final ClusterIpAllocator addresses;
    private final NodePortAllocator ports;

    ServiceAllocation(ClusterIpAllocator addresses, NodePortAllocator ports) {
        this.addresses = addresses;
        this.ports = ports;
    }

    /** What a Service holds. */
    private record Held(Set<String> addresses, Set<Integer> ports) {
        static Held of(@Nullable ApiObject service) {
            Set<String> addresses = new HashSet<>();
            Set<Integer> ports = new HashSet<>();
            if (service != null) {
                String ip = service.text("spec.clusterIP");
                if (!ip.isEmpty() && !ip.equals("None")) {
                    addresses.add(ip);
                }
                for (ObjectNode port : Json.objects(service.at("spec.ports"))) {
                    int nodePort = port.path("nodePort").asInt(0);
                    if (nodePort != 0) {
                        ports.add(nodePort);
                    }
                }
            }
            return new Held(addresses, ports);
        }
    }

    Reservation allocate(ApiObject service, @Nullable ApiObject old, List<FieldError> errors) {
        Held before = Held.of(old);
        Set<String> newAddresses = new HashSet<>();
        Set<Integer> newPorts = new HashSet<>();
        Reservation reservation = reservation(service, before, newAddresses, newPorts);
        int errorsBefore = errors.size();
        address(service, before, newAddresses, errors);
        nodePorts(service, before, newPorts, errors);
        if (errors.size() > errorsBefore) {
            reservation.rollback();
            return Reservation.NONE;
        }
        return reservation;
    }

    void release(ApiObject service) {
        Held held = Held.of(service);
        held.addresses().forEach(addresses::release);
        held.ports().forEach(ports::release);
    }

    void restore(ApiObject service) {
        Held held = Held.of(service);
        held.addresses().stream().filter(addresses::contains).forEach(addresses::take);
        held.ports().stream().filter(NodePortAllocator::isInRange).forEach(ports::take);
    }

    private Reservation reservation(
            ApiObject service, Held before, Set<String> newAddresses, Set<Integer> newPorts) {
        return new Reservation() {
            @Override
            public void commit() {
                Held after = Held.of(service);
                before.addresses().stream()
                        .filter(address -> !after.addresses().contains(address))
                        .forEach(addresses::release);
                before.ports().stream()
                        .filter(port -> !after.ports().contains(port))
                        .forEach(ports::release);
            }

            @Override
            public void rollback() {
                newAddresses.forEach(addresses::release);
                newPorts.forEach(ports::release);
            }
        };
    }

    private void address(
            ApiObject service, Held before, Set<String> taken, List<FieldError> errors) {
        if (service.text("spec.type").equals("ExternalName")) {
            return;
        }
        ObjectNode spec = service.spec();
        String wanted = service.text("spec.clusterIP");
        if (wanted.equals("None") || before.addresses().contains(wanted)) {
            return;
        }
        if (wanted.isEmpty()) {
            Optional<String> any = addresses.takeAny();
            if (any.isEmpty()) {
                errors.add(
                        FieldError.invalid(
                                "spec.clusterIPs",
                                "",
                                "failed to allocate a serviceIP: range is full: "
                                        + addresses.cidr()));
                return;
            }
            wanted = any.get();
        } else if (!addresses.contains(wanted)) {
            errors.add(
                    FieldError.invalid(
                            "spec.clusterIPs",
                            spec.path("clusterIPs"),
                            "failed to allocate IP "
                                    + wanted
                                    + ": the provided IP ("
                                    + wanted
                                    + ") is not in the valid range. The range of valid IPs is "
                                    + addresses.cidr()));
            return;
        } else if (!addresses.take(wanted)) {
            errors.add(
                    FieldError.invalid(
                            "spec.clusterIPs",
                            spec.path("clusterIPs"),
                            "failed to allocate IP "
                                    + wanted
                                    + ": provided IP is already allocated"));
            return;
        }
        taken.add(wanted);
        spec.put("clusterIP", wanted);
        spec.putArray("clusterIPs").add(wanted);
    }

    private void nodePorts(
            ApiObject service, Held before, Set<Integer> taken, List<FieldError> errors) {
        if (!ServiceStrategy.wantsNodePorts(service)) {
            return;
        }
        // one number may serve two protocols of one Service
        Map<Integer, Set<String>> used = new HashMap<>();
        int i = 0;
        for (ObjectNode port : Json.objects(service.at("spec.ports"))) {
            String path = "spec.ports[" + i++ + "].nodePort";
            int wanted = port.path("nodePort").asInt(0);
            if (wanted == 0) {
                OptionalInt any = ports.takeAny();
                if (any.isEmpty()) {
                    errors.add(
                            FieldError.invalid(
                                    path,
                                    wanted,
                                    "failed to allocate a nodePort: range is full: "
                                            + NodePortAllocator.range()));
                    continue;
                }
                port.put("nodePort", any.getAsInt());
                taken.add(any.getAsInt());
            } else if (!NodePortAllocator.isInRange(wanted)) {
                errors.add(
                        FieldError.invalid(
                                path,
                                wanted,
                                "provided port is not in the valid range. The range of valid ports is "
                                        + NodePortAllocator.range()));
            } else if (!used.computeIfAbsent(wanted, _ -> new HashSet<>())
                    .add(Json.text(port, "protocol"))) {
                errors.add(FieldError.duplicate(path, wanted));
            } else if (!before.ports().contains(wanted) && !taken.contains(wanted)) {
                if (ports.take(wanted)) {
                    taken.add(wanted);
                } else {
                    errors.add(
                            FieldError.invalid(path, wanted, "provided port is already allocated"));
                }
            }
        }
    }
}

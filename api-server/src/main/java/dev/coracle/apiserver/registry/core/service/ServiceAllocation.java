package dev.coracle.apiserver.registry.core.service;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.Reservation;
import dev.coracle.apiserver.status.FieldError;
import java.util.Collection;
import java.util.Collections;
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
 * Takes a Service's cluster IP, node ports and health check port from their pools, and gives back
 * what an update no longer wants.
 */
final class ServiceAllocation {

    private final ClusterIpAllocator addresses;
    private final NodePortAllocator ports;
    // stored by another server while a write of this one is under way; guarded by this
    private final Held contested = new Held(new HashSet<>(), new HashSet<>());
    // held by no Service when last looked at; guarded by this
    private Held suspects = new Held(Set.of(), Set.of());

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
                if (!ServiceTypes.isExternalName(service) && ClusterIpAllocator.parse(ip) != null) {
                    addresses.add(ip);
                }
                if (ServiceTypes.mayHaveNodePorts(service)) {
                    ports.addAll(ServiceTypes.nodePorts(service));
                }
                if (ServiceTypes.needsHealthCheck(service)) {
                    ports.add(ServiceTypes.healthCheckNodePort(service));
                }
                ports.remove(0);
            }
            return new Held(addresses, ports);
        }

        Held without(Held other) {
            Set<String> otherAddresses = new HashSet<>(addresses);
            otherAddresses.removeAll(other.addresses);
            Set<Integer> otherPorts = new HashSet<>(ports);
            otherPorts.removeAll(other.ports);
            return new Held(otherAddresses, otherPorts);
        }

        Held and(Held other) {
            Set<String> bothAddresses = new HashSet<>(addresses);
            bothAddresses.retainAll(other.addresses);
            Set<Integer> bothPorts = new HashSet<>(ports);
            bothPorts.retainAll(other.ports);
            return new Held(bothAddresses, bothPorts);
        }
    }

    Reservation allocate(ApiObject service, @Nullable ApiObject old, List<FieldError> errors) {
        Held before = Held.of(old);
        Held taken = new Held(new HashSet<>(), new HashSet<>());
        int errorsBefore = errors.size();
        address(service, before, taken.addresses(), errors);
        if (ServiceTypes.mayHaveNodePorts(service)) {
            nodePorts(service, old, before, taken.ports(), errors);
        }
        healthCheckPort(service, before, taken.ports(), errors);
        if (errors.size() > errorsBefore) {
            release(taken);
            return Reservation.NONE;
        }
        return reservation(service, before, taken);
    }

    void release(ApiObject service) {
        release(Held.of(service));
    }

    /** What two hold, one of whom will lose it, stays taken for the other. */
    private synchronized void release(Held held) {
        held.addresses().stream()
                .filter(address -> !contested.addresses().remove(address))
                .forEach(addresses::release);
        held.ports().stream()
                .filter(port -> !contested.ports().remove(port))
                .forEach(ports::release);
    }

    /** Takes what a Service holds since another server wrote it, and gives back what it held. */
    synchronized void follow(@Nullable ApiObject old, @Nullable ApiObject now) {
        Held before = Held.of(old);
        Held after = Held.of(now);
        release(before.without(after));
        Held taken = after.without(before);
        for (String address : taken.addresses()) {
            if (!addresses.take(address)) {
                contested.addresses().add(address);
            }
        }
        for (int port : taken.ports()) {
            if (NodePortAllocator.isInRange(port) && !ports.take(port)) {
                contested.ports().add(port);
            }
        }
    }

    private synchronized boolean isContested(Held held) {
        return !Collections.disjoint(contested.addresses(), held.addresses())
                || !Collections.disjoint(contested.ports(), held.ports());
    }

    /**
     * Gives back what no Service holds, now and when it was last asked: a write that is under way
     * holds what is not stored yet.
     *
     * @param reserved addresses held by others than Services
     */
    synchronized void repair(Collection<ApiObject> services, Set<String> reserved) {
        Held held = new Held(new HashSet<>(reserved), new HashSet<>());
        for (ApiObject service : services) {
            Held one = Held.of(service);
            held.addresses().addAll(one.addresses());
            held.ports().addAll(one.ports());
        }
        Held leaked = new Held(addresses.leaked(held.addresses()), ports.leaked(held.ports()));
        release(leaked.and(suspects));
        suspects = leaked;
    }

    private Reservation reservation(ApiObject service, Held before, Held taken) {
        return new Reservation() {
            @Override
            public boolean holds() {
                return !isContested(taken);
            }

            @Override
            public void commit() {
                release(before.without(Held.of(service)));
            }

            @Override
            public void rollback() {
                release(taken);
            }
        };
    }

    private void address(
            ApiObject service, Held before, Set<String> taken, List<FieldError> errors) {
        String wanted = service.text("spec.clusterIP");
        if (ServiceTypes.isExternalName(service)
                || wanted.equals("None")
                || before.addresses().contains(wanted)) {
            return;
        }
        ObjectNode spec = service.spec();
        if (wanted.isEmpty()) {
            Optional<String> any = addresses.takeAny();
            if (any.isEmpty()) {
                errors.add(
                        FieldError.invalid(
                                "spec.clusterIPs",
                                "",
                                "failed to allocate a serviceIP: range is full"));
                return;
            }
            wanted = any.get();
        } else {
            String wrong =
                    !addresses.contains(wanted)
                            ? "the provided network does not match the current range"
                            : addresses.take(wanted) ? "" : "provided IP is already allocated";
            if (!wrong.isEmpty()) {
                errors.add(
                        FieldError.invalid(
                                "spec.clusterIPs",
                                spec.path("clusterIPs"),
                                "failed to allocate IP " + wanted + ": " + wrong));
                return;
            }
        }
        taken.add(wanted);
        spec.put("clusterIP", wanted);
        spec.putArray("clusterIPs").add(wanted);
    }

    private void nodePorts(
            ApiObject service,
            @Nullable ApiObject old,
            Held before,
            Set<Integer> taken,
            List<FieldError> errors) {
        List<ObjectNode> all = Json.objects(service.at("spec.ports"));
        // a new Service has one number for a port that it serves with two protocols
        Map<Integer, Integer> shared = new HashMap<>();
        for (int i = 0; i < all.size(); i++) {
            ObjectNode port = all.get(i);
            int number = port.path("port").asInt(0);
            int wanted = port.path("nodePort").asInt(0);
            if (wanted == 0 && !ServiceTypes.wantsNodePorts(service)) {
                continue;
            }
            if (wanted == 0 && old == null) {
                wanted = shared.getOrDefault(number, requested(all, number));
            }
            String path = "spec.ports[" + i + "].nodePort";
            int given =
                    wanted == 0
                            ? any(path, "a nodePort", taken, errors)
                            : named(path, wanted, before, taken, errors);
            if (given != 0) {
                port.put("nodePort", given);
                shared.putIfAbsent(number, given);
            }
        }
    }

    private static int requested(List<ObjectNode> ports, int number) {
        return ports.stream()
                .filter(port -> port.path("port").asInt(0) == number)
                .mapToInt(port -> port.path("nodePort").asInt(0))
                .filter(nodePort -> nodePort != 0)
                .findFirst()
                .orElse(0);
    }

    private void healthCheckPort(
            ApiObject service, Held before, Set<Integer> taken, List<FieldError> errors) {
        if (!ServiceTypes.needsHealthCheck(service)) {
            return;
        }
        String path = "spec.healthCheckNodePort";
        int wanted = ServiceTypes.healthCheckNodePort(service);
        if (wanted == 0) {
            int any = any(path, "a HealthCheck NodePort", taken, errors);
            if (any != 0) {
                service.spec().put("healthCheckNodePort", any);
            }
        } else if (before.ports().contains(wanted) || taken.contains(wanted)) {
            // the Service's own; one of its node ports cannot be asked for twice
            if (ServiceTypes.nodePorts(service).contains(wanted)) {
                errors.add(FieldError.invalid(path, wanted, refused(wanted, TAKEN)));
            }
        } else {
            String wrong = take(wanted, taken);
            if (!wrong.isEmpty()) {
                errors.add(FieldError.invalid(path, wanted, refused(wanted, wrong)));
            }
        }
    }

    private static final String TAKEN = "provided port is already allocated";

    private static String refused(int port, String why) {
        return "failed to allocate requested HealthCheck NodePort " + port + ": " + why;
    }

    private int any(String path, String what, Set<Integer> taken, List<FieldError> errors) {
        OptionalInt any = ports.takeAny();
        if (any.isEmpty()) {
            errors.add(
                    FieldError.invalid(path, 0, "failed to allocate " + what + ": range is full"));
            return 0;
        }
        taken.add(any.getAsInt());
        return any.getAsInt();
    }

    private int named(
            String path, int wanted, Held before, Set<Integer> taken, List<FieldError> errors) {
        if (before.ports().contains(wanted) || taken.contains(wanted)) {
            return wanted;
        }
        String wrong = take(wanted, taken);
        if (!wrong.isEmpty()) {
            errors.add(FieldError.invalid(path, wanted, wrong));
            return 0;
        }
        return wanted;
    }

    /** Empty when the port is taken now, or what is wrong with it. */
    private String take(int port, Set<Integer> taken) {
        if (!NodePortAllocator.isInRange(port)) {
            return "provided port is not in the valid range. The range of valid ports is "
                    + NodePortAllocator.range();
        }
        if (!ports.take(port)) {
            return TAKEN;
        }
        taken.add(port);
        return "";
    }
}

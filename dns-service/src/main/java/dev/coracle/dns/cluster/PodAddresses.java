package dev.coracle.dns.cluster;

import java.net.Inet4Address;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The addresses of pods by namespace, where names of pods are verified. Thread-safe. */
final class PodAddresses {

    private record Place(String namespace, Inet4Address address) {}

    private final Set<Place> places = ConcurrentHashMap.newKeySet();

    void add(String namespace, Inet4Address address) {
        places.add(new Place(namespace, address));
    }

    void remove(String namespace, Inet4Address address) {
        places.remove(new Place(namespace, address));
    }

    boolean has(String namespace, Inet4Address address) {
        return places.contains(new Place(namespace, address));
    }
}

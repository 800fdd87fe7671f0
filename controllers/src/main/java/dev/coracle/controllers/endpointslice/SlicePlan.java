package dev.coracle.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which slices to create, update and delete so that they hold the wanted endpoints.
 *
 * <p>An endpoint stays in the slice it is in; new ones fill the fullest slice with room, then new
 * slices.
 */
record SlicePlan(List<Content> create, List<EndpointSlice> update, List<EndpointSlice> delete) {

    /** What a slice holds: at most {@link #CAPACITY} endpoints that share their ports. */
    record Content(List<EndpointPort> ports, List<Endpoint> endpoints) {}

    static final int CAPACITY = 100;

    static SlicePlan of(
            List<EndpointSlice> current,
            Map<List<EndpointPort>, List<Endpoint>> wanted,
            Map<String, String> labels) {
        List<Content> create = new ArrayList<>();
        List<EndpointSlice> update = new ArrayList<>();
        List<EndpointSlice> delete = new ArrayList<>();
        Map<List<EndpointPort>, List<EndpointSlice>> byPorts = new LinkedHashMap<>();
        for (EndpointSlice slice : current) {
            byPorts.computeIfAbsent(ports(slice), _ -> new ArrayList<>()).add(slice);
        }
        byPorts.forEach((ports, slices) -> {
            if (!wanted.containsKey(ports)) {
                delete.addAll(slices);
            }
        });
        wanted.forEach((ports, endpoints) ->
                fill(
                        byPorts.getOrDefault(ports, List.of()),
                        ports,
                        endpoints,
                        labels,
                        create,
                        update,
                        delete));
        return new SlicePlan(create, update, delete);
    }

    private static void fill(
            List<EndpointSlice> slices,
            List<EndpointPort> ports,
            List<Endpoint> wanted,
            Map<String, String> labels,
            List<Content> create,
            List<EndpointSlice> update,
            List<EndpointSlice> delete) {
        Map<String, Endpoint> missing = new LinkedHashMap<>();
        wanted.forEach(endpoint -> missing.put(key(endpoint), endpoint));
        Map<EndpointSlice, List<Endpoint>> kept = new HashMap<>();
        List<EndpointSlice> fullest = new ArrayList<>(slices);
        fullest.sort(
                Comparator.comparingInt((EndpointSlice s) -> -endpoints(s).size())
                        .thenComparing(s -> s.getMetadata().getName()));
        for (EndpointSlice slice : fullest) {
            List<Endpoint> stay = new ArrayList<>();
            for (Endpoint endpoint : endpoints(slice)) {
                Endpoint now = missing.remove(key(endpoint));
                if (now != null) {
                    stay.add(now);
                }
            }
            kept.put(slice, stay);
        }
        List<Endpoint> rest = new ArrayList<>(missing.values());
        boolean first = true;
        for (EndpointSlice slice : fullest) {
            List<Endpoint> content = Objects.requireNonNull(kept.get(slice));
            int room = Math.min(CAPACITY - content.size(), rest.size());
            content.addAll(rest.subList(0, room));
            rest = rest.subList(room, rest.size());
            boolean placeholder = wanted.isEmpty() && first;
            first = false;
            if (content.isEmpty() && !placeholder) {
                delete.add(slice);
            } else if (!content.equals(endpoints(slice)) || !hasLabels(slice, labels)) {
                update.add(
                        new EndpointSliceBuilder(slice)
                                .editMetadata()
                                .withLabels(labels)
                                .endMetadata()
                                .withEndpoints(content)
                                .build());
            }
        }
        for (int i = 0; i < rest.size(); i += CAPACITY) {
            create.add(
                    new Content(
                            ports,
                            List.copyOf(rest.subList(i, Math.min(i + CAPACITY, rest.size())))));
        }
        if (wanted.isEmpty() && fullest.isEmpty()) {
            create.add(new Content(ports, List.of()));
        }
    }

    private static boolean hasLabels(EndpointSlice slice, Map<String, String> labels) {
        return labels.equals(slice.getMetadata().getLabels());
    }

    private static List<Endpoint> endpoints(EndpointSlice slice) {
        return slice.getEndpoints() == null ? List.of() : slice.getEndpoints();
    }

    private static List<EndpointPort> ports(EndpointSlice slice) {
        return slice.getPorts() == null ? List.of() : slice.getPorts();
    }

    private static String key(Endpoint endpoint) {
        return endpoint.getTargetRef() == null
                ? String.join(",", endpoint.getAddresses())
                : endpoint.getTargetRef().getUid()
                        + "/"
                        + String.join(",", endpoint.getAddresses());
    }
}

package dev.coracle.controllers.endpointslice;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The zones whose clients an endpoint is for, of Services with {@code
 * service.kubernetes.io/topology-mode: Auto}: each zone gets endpoints by its share of the
 * processors, and none of them more than a fifth above its part of the load. Pure.
 *
 * @param endpoints by their ports, with hints, or without any if they cannot be given
 * @param refusal why they cannot, as the message of an event; empty if they can
 */
record TopologyHints(Map<List<EndpointPort>, List<Endpoint>> endpoints, String refusal) {

    private static final String MODE = "service.kubernetes.io/topology-mode";
    private static final String FORMER_MODE = "service.kubernetes.io/topology-aware-hints";
    private static final double OVERLOAD = 1.2;

    /** What is due to a zone; {@code most} holds for hints that are there already. */
    private record Due(int least, int most, double wanted) {}

    /** Whether a Service asks for hints. */
    static boolean areWanted(Service service) {
        Map<String, String> annotations = service.getMetadata().getAnnotations();
        if (annotations == null) {
            return false;
        }
        String mode = annotations.getOrDefault(MODE, annotations.get(FORMER_MODE));
        return "Auto".equals(mode) || "auto".equals(mode);
    }

    /**
     * Gives hints. Those in {@code current} stay while they are good for the endpoints there are
     * now.
     *
     * @param wanted a Service's endpoints without hints
     * @param current those of its slices
     */
    static TopologyHints give(
            Map<List<EndpointPort>, List<Endpoint>> wanted,
            List<Endpoint> current,
            ZoneShares zones) {
        List<Endpoint> ready =
                wanted.values().stream()
                        .flatMap(List::stream)
                        .filter(TopologyHints::isReady)
                        .toList();
        Map<String, Double> shares = zones.shares();
        if (shares.isEmpty()) {
            return refused(
                    wanted,
                    "Insufficient Node information: allocatable CPU or zone not specified on one or"
                            + " more nodes");
        }
        String counts = " (%d endpoints, %d zones)".formatted(ready.size(), shares.size());
        if (shares.size() > ready.size()) {
            return refused(wanted, "Insufficient number of endpoints" + counts);
        }
        Map<String, Due> due = due(shares, ready.size());
        if (due.isEmpty()) {
            return refused(
                    wanted,
                    "Unable to allocate minimum required endpoints to each zone without exceeding"
                            + " overload threshold"
                            + counts);
        }
        Map<String, String> hints = kept(ready, current, due);
        if (hints.isEmpty()) {
            if (ready.stream().anyMatch(endpoint -> zone(endpoint).isEmpty())) {
                return refused(wanted, "One or more endpoints do not have a zone specified");
            }
            hints = allocated(ready, due);
        }
        return new TopologyHints(with(wanted, hints), "");
    }

    private static TopologyHints refused(
            Map<List<EndpointPort>, List<Endpoint>> wanted, String why) {
        return new TopologyHints(wanted, why);
    }

    /** Empty if the zones need more than there are. */
    private static Map<String, Due> due(Map<String, Double> shares, int endpoints) {
        Map<String, Integer> least = new TreeMap<>();
        int all = 0;
        for (Map.Entry<String, Double> zone : shares.entrySet()) {
            int needed = (int) Math.ceil(zone.getValue() * endpoints * (1 / OVERLOAD));
            least.put(zone.getKey(), needed);
            all += needed;
        }
        Map<String, Due> due = new TreeMap<>();
        if (all > endpoints) {
            return due;
        }
        int spare = endpoints - all;
        least.forEach((zone, needed) -> {
            double share = shares.getOrDefault(zone, 0.0) * endpoints;
            due.put(zone, new Due(needed, needed + spare, Math.max(share, needed)));
        });
        return due;
    }

    /** The hints there are, by endpoint; empty if one is missing or too many are for a zone. */
    private static Map<String, String> kept(
            List<Endpoint> ready, List<Endpoint> current, Map<String, Due> due) {
        Map<String, String> known = new LinkedHashMap<>();
        for (Endpoint endpoint : current) {
            if (isReady(endpoint)
                    && endpoint.getHints() != null
                    && endpoint.getHints().getForZones().size() == 1) {
                known.put(key(endpoint), endpoint.getHints().getForZones().getFirst().getName());
            }
        }
        Map<String, String> kept = new LinkedHashMap<>();
        Map<String, Integer> counts = new TreeMap<>();
        for (Endpoint endpoint : ready) {
            String zone = known.remove(key(endpoint));
            Due share = zone == null ? null : due.get(zone);
            if (zone == null
                    || share == null
                    || counts.merge(zone, 1, Integer::sum) > share.most()) {
                return Map.of();
            }
            kept.put(key(endpoint), zone);
        }
        boolean served =
                due.entrySet().stream()
                        .allMatch(zone ->
                                counts.getOrDefault(zone.getKey(), 0) >= zone.getValue().least());
        // another endpoint has gone: the slice changes anyway
        return known.isEmpty() && served ? kept : Map.of();
    }

    /** Each its own zone, and then from the zones with too many to those with too few. */
    private static Map<String, String> allocated(List<Endpoint> ready, Map<String, Due> due) {
        Map<String, String> hints = new LinkedHashMap<>();
        Map<String, Double> surplus = new TreeMap<>();
        Map<String, Double> need = new TreeMap<>();
        for (Endpoint endpoint : ready) {
            hints.put(key(endpoint), zone(endpoint));
        }
        due.forEach((zone, share) -> {
            long has = hints.values().stream().filter(zone::equals).count();
            if (has > share.wanted()) {
                surplus.put(zone, has - share.wanted());
            } else if (has < share.wanted()) {
                need.put(zone, share.wanted() - has);
            }
        });
        List<String> giving = new ArrayList<>();
        List<String> receiving = new ArrayList<>();
        while (true) {
            String from = most(surplus);
            String to = most(need);
            double give = surplus.getOrDefault(from, 0.0);
            double take = need.getOrDefault(to, 0.0);
            if (give < 0.5 || take < 0.5 || (give < 1 && take < 1)) {
                break;
            }
            giving.add(from);
            receiving.add(to);
            surplus.put(from, give - 1);
            need.put(to, take - 1);
        }
        for (Endpoint endpoint : ready) {
            int turn = giving.indexOf(zone(endpoint));
            if (turn >= 0) {
                giving.remove(turn);
                hints.put(key(endpoint), receiving.remove(turn));
            }
        }
        return hints;
    }

    /** The zone with the highest number, the first of equals; empty if none is above 0. */
    private static String most(Map<String, Double> zones) {
        String most = "";
        double highest = 0;
        for (Map.Entry<String, Double> zone : zones.entrySet()) {
            if (zone.getValue() > highest) {
                most = zone.getKey();
                highest = zone.getValue();
            }
        }
        return most;
    }

    private static Map<List<EndpointPort>, List<Endpoint>> with(
            Map<List<EndpointPort>, List<Endpoint>> wanted, Map<String, String> hints) {
        Map<List<EndpointPort>, List<Endpoint>> hinted = new LinkedHashMap<>();
        wanted.forEach((ports, endpoints) ->
                hinted.put(
                        ports,
                        endpoints.stream()
                                .map(endpoint -> {
                                    String zone =
                                            isReady(endpoint) ? hints.get(key(endpoint)) : null;
                                    return zone == null
                                            ? endpoint
                                            : new EndpointBuilder(endpoint)
                                                    .withNewHints()
                                                    .withForZones(new ForZone(zone))
                                                    .endHints()
                                                    .build();
                                })
                                .toList()));
        return hinted;
    }

    private static boolean isReady(Endpoint endpoint) {
        return Boolean.TRUE.equals(endpoint.getConditions().getReady());
    }

    private static String zone(Endpoint endpoint) {
        return endpoint.getZone() == null ? "" : endpoint.getZone();
    }

    private static String key(Endpoint endpoint) {
        return String.join(",", endpoint.getAddresses());
    }
}

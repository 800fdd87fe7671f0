package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.fabric.Cidr;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A rule in terms of {@link NftablesTable}: what it puts into maps and sets. Pure.
 *
 * @param number the rule's own; its lists of backends have three in a row from three times that
 * @param backends the number of each backend, which no backend of another rule has
 * @param fronts those of the rule that are its own
 */
record NftablesElements(
        ServiceRule rule, List<Front> fronts, int number, Map<Backend, Integer> backends) {

    /**
     * An element.
     *
     * @param value empty in a set
     */
    record Element(String container, String key, String value) {
        /** As a transaction adds it. */
        String text() {
            return value.isEmpty() ? key : key + " : " + value;
        }
    }

    List<Element> elements() {
        List<Element> elements = new ArrayList<>();
        backends.forEach((backend, id) -> {
            elements.add(
                    new Element(
                            "backends", id.toString(), backend.address() + " . " + backend.port()));
            if (rule.affinitySeconds() > 0) {
                elements.add(new Element("live", id.toString(), ""));
            }
        });
        lists().forEach((list, id) -> {
            for (int i = 0; i < list.size(); i++) {
                elements.add(
                        new Element(
                                "slots",
                                id + " . " + i,
                                String.valueOf(backends.get(list.get(i)))));
            }
        });
        fronts.forEach(front -> front(front, elements));
        return elements;
    }

    /** The sizes of its lists: each needs a chain. */
    List<Integer> sizes() {
        return lists().keySet().stream()
                .map(List::size)
                .filter(size -> size > 0)
                .distinct()
                .toList();
    }

    private Map<List<Backend>, Integer> lists() {
        Map<List<Backend>, Integer> lists = new LinkedHashMap<>();
        lists.putIfAbsent(rule.targets().internal(), number * 3);
        lists.putIfAbsent(rule.targets().inside(), number * 3 + 1);
        lists.putIfAbsent(rule.targets().outside(), number * 3 + 2);
        return lists;
    }

    private void front(Front front, List<Element> elements) {
        String key = FrontOwners.key(rule, front);
        List<Backend> outside = rule.backends(front, false);
        List<Backend> inside = rule.backends(front, true);
        if (outside.isEmpty()) {
            elements.add(new Element("rejected", key, ""));
        } else {
            elements.add(new Element("services", key, target(outside)));
            elements.add(new Element("ids", key, id(outside)));
        }
        if (!inside.equals(outside) && !inside.isEmpty()) {
            elements.add(new Element("inside", key, target(inside)));
            elements.add(new Element("insideids", key, id(inside)));
        }
        if (front.kind().isExternal() && !rule.targets().keepsSource() && !outside.isEmpty()) {
            elements.add(new Element("masqueraded", key, ""));
        }
        if (rule.isRestricted(front)) {
            elements.add(new Element("firewalled", key, ""));
            for (Cidr range : outermost(rule.sourceRanges())) {
                elements.add(new Element("allowed", key + " . " + range, ""));
            }
        }
    }

    private String target(List<Backend> list) {
        return "goto " + NftablesTable.chain(list.size(), rule.affinitySeconds());
    }

    private String id(List<Backend> list) {
        return String.valueOf(lists().get(list));
    }

    /** Without the ranges that lie in others: a set refuses those. */
    private static List<Cidr> outermost(List<Cidr> ranges) {
        return ranges.stream()
                .distinct()
                .filter(range ->
                        ranges.stream()
                                .noneMatch(other ->
                                        other.prefixLength() < range.prefixLength()
                                                && other.overlaps(range)))
                .toList();
    }
}

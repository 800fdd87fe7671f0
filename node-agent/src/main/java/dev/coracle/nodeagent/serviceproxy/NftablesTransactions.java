package dev.coracle.nodeagent.serviceproxy;

import dev.coracle.nodeagent.serviceproxy.FrontOwners.Granted;
import dev.coracle.nodeagent.serviceproxy.NftablesElements.Element;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows what is in the table, and says changes of it as transactions that touch only what the
 * change is about. Confined to the proxy's thread; does no I/O.
 *
 * <p>A packet's look-ups may come before and after a transaction: it picks a place, then the
 * backend there, then its address. So places and addresses that nothing leads to any more stay
 * until the next transaction.
 */
final class NftablesTransactions {

    private final FrontOwners owners = new FrontOwners();
    private final Map<String, NftablesElements> programmed = new HashMap<>();
    private final Set<String> chains = new HashSet<>();
    // what the next transaction removes
    private Set<Place> stale = new LinkedHashSet<>();
    private int lastRule;
    private int lastBackend;

    /**
     * One transaction.
     *
     * @param forgotten numbers of UDP backends whose connections must be forgotten afterwards
     * @param opened fronts of UDP rules that are new: what was sent there before was nobody's
     */
    record Transaction(String text, List<Integer> forgotten, List<Front> opened) {}

    /** The change; from now on it counts as made. */
    Transaction of(RuleSet.Change change) {
        Text text = new Text(stale);
        List<Integer> forgotten = new ArrayList<>();
        List<Front> opened = new ArrayList<>();
        for (FrontOwners.Step step : owners.apply(change)) {
            NftablesElements old = programmed.remove(step.name());
            NftablesElements now = step.after() == null ? null : program(step.after(), old);
            if (now != null) {
                programmed.put(step.name(), now);
                addChains(now, text);
            }
            text.difference(
                    old == null ? List.of() : old.elements(),
                    now == null ? List.of() : now.elements());
            forgotten.addAll(forgotten(old, now));
            opened.addAll(opened(old, now));
        }
        if (text.isEmpty()) {
            return new Transaction("", forgotten, opened);
        }
        stale = text.left;
        return new Transaction(text.toString(), forgotten, opened);
    }

    /** Forgets what is in the table, and says which rules there were; affinities end with it. */
    List<ServiceRule> reset() {
        programmed.clear();
        chains.clear();
        stale = new LinkedHashSet<>();
        return owners.reset();
    }

    private NftablesElements program(Granted granted, @Nullable NftablesElements old) {
        Map<Backend, Integer> backends = new LinkedHashMap<>();
        ServiceRule.Targets targets = granted.rule().targets();
        for (List<Backend> list :
                List.of(targets.internal(), targets.inside(), targets.outside())) {
            for (Backend backend : list) {
                Integer known = old == null ? null : old.backends().get(backend);
                backends.computeIfAbsent(
                        backend, _ -> Objects.requireNonNullElseGet(known, () -> ++lastBackend));
            }
        }
        return new NftablesElements(
                granted.rule(),
                granted.fronts(),
                old == null ? ++lastRule : old.number(),
                backends);
    }

    private void addChains(NftablesElements rule, Text text) {
        int affinity = rule.rule().affinitySeconds();
        for (int size : rule.sizes()) {
            if (chains.add(NftablesTable.chain(size, affinity))) {
                text.first(NftablesTable.addChain(size, affinity));
            }
        }
    }

    /** A UDP client cannot notice that its backend has gone. */
    private static List<Integer> forgotten(
            @Nullable NftablesElements old, @Nullable NftablesElements now) {
        if (old == null || old.rule().protocol() != Protocol.UDP) {
            return List.of();
        }
        List<Integer> gone = new ArrayList<>(old.backends().values());
        if (now != null && now.fronts().containsAll(old.fronts())) {
            gone.removeAll(now.backends().values());
        }
        return gone;
    }

    private static List<Front> opened(
            @Nullable NftablesElements old, @Nullable NftablesElements now) {
        return now == null || now.rule().protocol() != Protocol.UDP
                ? List.of()
                : now.fronts().stream()
                        .filter(front -> old == null || !old.fronts().contains(front))
                        .toList();
    }

    /** Where an element is. */
    private record Place(String container, String key) {

        static Place of(Element element) {
            return new Place(element.container(), element.key());
        }

        /** Whether packets may still be on their way there when nothing leads there any more. */
        boolean isOnTheWay() {
            return container.equals("slots") || container.equals("backends");
        }
    }

    /** A transaction as it grows: chains, deletions, additions. */
    private static final class Text {
        private final Set<Place> due;
        private final Set<Place> left = new LinkedHashSet<>();
        private final StringBuilder first = new StringBuilder();
        private final Map<String, List<String>> deleted = new LinkedHashMap<>();
        private final Map<String, List<String>> added = new LinkedHashMap<>();

        Text(Set<Place> due) {
            this.due = new LinkedHashSet<>(due);
        }

        void first(String commands) {
            first.append(commands);
        }

        boolean isEmpty() {
            return first.isEmpty() && deleted.isEmpty() && added.isEmpty() && left.isEmpty();
        }

        void difference(List<Element> before, List<Element> after) {
            Set<Element> old = new LinkedHashSet<>(before);
            Set<Place> replaced = new HashSet<>();
            for (Element element : after) {
                if (!old.remove(element)) {
                    Place place = Place.of(element);
                    replaced.add(place);
                    if (due.remove(place)) {
                        delete(place);
                    }
                    added.computeIfAbsent(element.container(), _ -> new ArrayList<>())
                            .add(element.text());
                }
            }
            for (Element element : old) {
                Place place = Place.of(element);
                if (place.isOnTheWay() && !replaced.contains(place)) {
                    left.add(place);
                } else {
                    delete(place);
                }
            }
        }

        private void delete(Place place) {
            deleted.computeIfAbsent(place.container(), _ -> new ArrayList<>()).add(place.key());
        }

        @Override
        public String toString() {
            due.forEach(this::delete);
            due.clear();
            StringBuilder text = new StringBuilder(first);
            deleted.forEach((container, keys) -> command(text, "delete", container, keys));
            added.forEach((container, elements) -> command(text, "add", container, elements));
            return text.toString();
        }

        private static void command(
                StringBuilder text, String verb, String container, List<String> elements) {
            text.append(verb).append(" element ip ").append(NftablesTable.NAME).append(' ');
            text.append(container).append(" { ");
            text.append(String.join(", ", elements)).append(" }\n");
        }
    }
}

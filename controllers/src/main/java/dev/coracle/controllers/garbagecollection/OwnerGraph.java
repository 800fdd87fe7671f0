package dev.coracle.controllers.garbagecollection;

import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/** All objects by uid, and who depends on whom. Thread-safe; the lock is the object itself. */
final class OwnerGraph {

    private final Map<String, OwnedObject> objects = new HashMap<>();
    private final Map<String, Map<String, OwnedObject>> dependents = new HashMap<>();

    synchronized void put(OwnedObject object) {
        remove(object.uid());
        objects.put(object.uid(), object);
        for (OwnerReference owner : object.owners()) {
            dependents
                    .computeIfAbsent(owner.getUid(), _ -> new LinkedHashMap<>())
                    .put(object.uid(), object);
        }
    }

    synchronized void remove(String uid) {
        OwnedObject gone = objects.remove(uid);
        if (gone == null) {
            return;
        }
        for (OwnerReference owner : gone.owners()) {
            Map<String, OwnedObject> siblings = dependents.get(owner.getUid());
            if (siblings != null) {
                siblings.remove(uid);
                if (siblings.isEmpty()) {
                    dependents.remove(owner.getUid());
                }
            }
        }
    }

    synchronized Optional<OwnedObject> find(String uid) {
        return Optional.ofNullable(objects.get(uid));
    }

    synchronized List<OwnedObject> listWhere(Predicate<OwnedObject> wanted) {
        return objects.values().stream().filter(wanted).toList();
    }

    /** An owner that is known, but where {@code dependent} cannot see it: in another namespace. */
    synchronized Optional<OwnerReference> findMisplacedOwner(OwnedObject dependent) {
        return dependent.owners().stream()
                .filter(owner ->
                        find(owner.getUid()).filter(o -> !isVisible(o, dependent)).isPresent())
                .findFirst();
    }

    synchronized List<OwnedObject> dependentsOf(String uid) {
        return List.copyOf(dependents.getOrDefault(uid, Map.of()).values());
    }

    /**
     * Judges one object.
     *
     * @param isAbsent asked, with the dependent, about owners this graph does not know: true if the
     *     API server does not know them either
     */
    Verdict judge(OwnedObject object, BiPredicate<OwnedObject, OwnerReference> isAbsent) {
        if (object.orphansDependents()) {
            return new Verdict.Orphan(dependentsOf(object.uid()));
        }
        if (object.waitsForDependents()
                && blockersOf(object).stream().allMatch(blocker -> waitsFor(blocker, object))) {
            return new Verdict.RemoveFinalizer(OwnedObject.FOREGROUND);
        }
        if (object.terminating() || object.owners().isEmpty()) {
            return new Verdict.Keep();
        }
        Set<String> absent = new HashSet<>();
        Set<String> waiting = new HashSet<>();
        for (OwnerReference reference : object.owners()) {
            Optional<OwnedObject> owner =
                    find(reference.getUid()).filter(o -> isVisible(o, object));
            if (owner.isEmpty() && isAbsent.test(object, reference)) {
                absent.add(reference.getUid());
            } else if (owner.filter(OwnedObject::waitsForDependents).isPresent()) {
                waiting.add(reference.getUid());
            }
        }
        if (absent.size() == object.owners().size()) {
            return new Verdict.Delete("Background");
        }
        if (absent.size() + waiting.size() == object.owners().size()) {
            return new Verdict.Delete(
                    dependentsOf(object.uid()).isEmpty() ? "Background" : "Foreground");
        }
        if (!absent.isEmpty() || !waiting.isEmpty()) {
            absent.addAll(waiting);
            return new Verdict.DropOwners(absent);
        }
        return new Verdict.Keep();
    }

    private List<OwnedObject> blockersOf(OwnedObject object) {
        return dependentsOf(object.uid()).stream().filter(d -> d.blocks(object.uid())).toList();
    }

    /** Whether one waits for the other, also by way of others: both would wait for ever. */
    private boolean waitsFor(OwnedObject one, OwnedObject other) {
        Set<String> seen = new HashSet<>();
        Deque<OwnedObject> open = new ArrayDeque<>(List.of(one));
        while (!open.isEmpty()) {
            OwnedObject next = open.pop();
            if (next.waitsForDependents() && seen.add(next.uid())) {
                for (OwnedObject blocker : blockersOf(next)) {
                    if (blocker.uid().equals(other.uid())) {
                        return true;
                    }
                    open.push(blocker);
                }
            }
        }
        return false;
    }

    /** An owner must be cluster-wide or in the dependent's namespace. */
    private static boolean isVisible(OwnedObject owner, OwnedObject dependent) {
        return owner.namespace().isEmpty() || owner.namespace().equals(dependent.namespace());
    }
}

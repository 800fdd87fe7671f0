package dev.coracle.controllers.garbagecollection;

import java.util.List;
import java.util.Set;

/** What is to be done with one object. */
sealed interface Verdict {

    /** Nothing. */
    record Keep() implements Verdict {}

    /** No owner is left, or all of them wait for it to go. */
    record Delete(String propagationPolicy) implements Verdict {}

    /** Some owner is left: forget the others. */
    record DropOwners(Set<String> uids) implements Verdict {

        public DropOwners {
            uids = Set.copyOf(uids);
        }
    }

    /** The object waits for nothing more: let it go. */
    record RemoveFinalizer(String finalizer) implements Verdict {}

    /** The object leaves its dependents behind: they forget it, then it goes. */
    record Orphan(List<OwnedObject> dependents) implements Verdict {

        public Orphan {
            dependents = List.copyOf(dependents);
        }
    }
}

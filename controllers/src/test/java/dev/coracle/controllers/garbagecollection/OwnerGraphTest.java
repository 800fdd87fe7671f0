package dev.coracle.controllers.garbagecollection;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnerGraphTest {

    private final OwnerGraph graph = new OwnerGraph();

    @Test
    void keepsADependentWhileAnOwnerLives() {
        graph.put(object("rs", Set.of(), false));
        OwnedObject pod = object("pod", Set.of(), false, "rs");
        graph.put(pod);
        assertThat(judge(pod)).isEqualTo(new Verdict.Keep());
    }

    @Test
    void deletesADependentWhoseLastOwnerIsGone() {
        OwnedObject pod = object("pod", Set.of(), false, "rs");
        graph.put(pod);
        assertThat(judge(pod)).isEqualTo(new Verdict.Delete("Background"));
    }

    @Test
    void believesTheServerRatherThanItsOwnMemory() {
        OwnedObject pod = object("pod", Set.of(), false, "rs");
        graph.put(pod);
        assertThat(graph.judge(pod, (dependent, owner) -> false)).isEqualTo(new Verdict.Keep());
    }

    @Test
    void dropsOnlyTheOwnersThatAreGone() {
        graph.put(object("rs", Set.of(), false));
        OwnedObject pod = object("pod", Set.of(), false, "rs", "gone");
        graph.put(pod);
        assertThat(judge(pod)).isEqualTo(new Verdict.DropOwners(Set.of("gone")));
    }

    @Test
    void deletesTheDependentsOfAnOwnerThatWaitsForThem() {
        graph.put(object("rs", Set.of(OwnedObject.FOREGROUND), true));
        OwnedObject pod = object("pod", Set.of(), false, "rs");
        graph.put(pod);
        assertThat(judge(pod)).isEqualTo(new Verdict.Delete("Background"));
        graph.put(object("child", Set.of(), false, "pod"));
        assertThat(judge(pod)).isEqualTo(new Verdict.Delete("Foreground"));
    }

    @Test
    void letsAWaitingOwnerGoAfterItsLastBlockingDependent() {
        OwnedObject owner = object("rs", Set.of(OwnedObject.FOREGROUND), true);
        graph.put(owner);
        graph.put(object("pod", Set.of(), true, "rs"));
        assertThat(judge(owner)).isEqualTo(new Verdict.Keep());
        graph.remove("pod");
        assertThat(judge(owner)).isEqualTo(new Verdict.RemoveFinalizer(OwnedObject.FOREGROUND));
    }

    @Test
    void doesNotWaitForEverInACircle() {
        OwnedObject first = object("first", Set.of(OwnedObject.FOREGROUND), true, "third");
        OwnedObject second = object("second", Set.of(OwnedObject.FOREGROUND), true, "first");
        graph.put(first);
        graph.put(second);
        graph.put(object("third", Set.of(), false, "second"));
        assertThat(judge(first)).isEqualTo(new Verdict.Keep());
        graph.put(object("third", Set.of(OwnedObject.FOREGROUND), true, "second"));
        assertThat(judge(first)).isEqualTo(new Verdict.RemoveFinalizer(OwnedObject.FOREGROUND));
        graph.put(object("child", Set.of(), false, "first"));
        assertThat(judge(first)).isEqualTo(new Verdict.Keep());
    }

    @Test
    void makesOrphansWhenAsked() {
        OwnedObject owner = object("rs", Set.of(OwnedObject.ORPHAN), true);
        OwnedObject pod = object("pod", Set.of(), false, "rs");
        graph.put(owner);
        graph.put(pod);
        assertThat(judge(owner)).isEqualTo(new Verdict.Orphan(List.of(pod)));
    }

    @Test
    void knowsWhenAnOwnerIsInAnotherNamespace() {
        graph.put(in("elsewhere", "owner"));
        graph.put(in("", "cluster"));
        assertThat(graph.findMisplacedOwner(in("elsewhere", "pod", "owner"))).isEmpty();
        assertThat(graph.findMisplacedOwner(in("shop", "pod", "cluster", "unknown"))).isEmpty();
        OwnedObject pod = in("shop", "pod", "cluster", "owner");
        assertThat(graph.findMisplacedOwner(pod)).get().extracting("uid").isEqualTo("owner");
        // nothing that is cluster-wide has an owner in a namespace
        assertThat(graph.findMisplacedOwner(in("", "node", "owner"))).isPresent();
        assertThat(judge(pod)).isEqualTo(new Verdict.DropOwners(Set.of("owner")));
    }

    private static OwnedObject in(String namespace, String uid, String... owners) {
        OwnedObject object = object(uid, Set.of(), false, owners);
        return new OwnedObject(
                "v1", "Thing", namespace, uid, uid, object.owners(), Set.of(), false);
    }

    private Verdict judge(OwnedObject object) {
        return graph.judge(object, (dependent, owner) -> true);
    }

    private static OwnedObject object(
            String uid, Set<String> finalizers, boolean terminating, String... owners) {
        List<OwnerReference> references =
                Arrays.stream(owners)
                        .map(o ->
                                new OwnerReferenceBuilder()
                                        .withUid(o)
                                        .withName(o)
                                        .withBlockOwnerDeletion(true)
                                        .build())
                        .toList();
        return new OwnedObject(
                "v1", "Thing", "shop", uid, uid, references, finalizers, terminating);
    }
}

package dev.coracle.controllers.pod;

import dev.coracle.controllers.informer.NamespacedName;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.ownership.Selectors;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whom a change of a pod concerns: the controllers of one kind that own it or did so before, and
 * for a pod that nobody owns those that would take it.
 */
public final class PodOwners<T extends HasMetadata> {

    private final String kind;
    private final Function<String, List<T>> listIn;
    private final Function<T, @Nullable LabelSelector> selectorOf;
    private final Consumer<NamespacedName> told;

    /**
     * For one kind.
     *
     * @param listIn the owners in a namespace
     * @param selectorOf null for an owner that takes no pods
     * @param told gets the name of each owner concerned, some of them twice
     */
    public PodOwners(
            String kind,
            Function<String, List<T>> listIn,
            Function<T, @Nullable LabelSelector> selectorOf,
            Consumer<NamespacedName> told) {
        this.kind = kind;
        this.listIn = listIn;
        this.selectorOf = selectorOf;
        this.told = told;
    }

    /** Null before for a new pod, null after for one that is gone. */
    public void changed(@Nullable Pod before, @Nullable Pod after) {
        if (before != null) {
            tell(before);
        }
        if (after != null) {
            tell(after);
        }
    }

    private void tell(Pod pod) {
        String namespace = pod.getMetadata().getNamespace();
        Optional<OwnerReference> controller = Owners.findController(pod);
        if (controller.isPresent()) {
            if (controller.get().getKind().equals(kind)) {
                told.accept(new NamespacedName(namespace, controller.get().getName()));
            }
            return;
        }
        for (T owner : listIn.apply(namespace)) {
            LabelSelector selector = selectorOf.apply(owner);
            if (selector != null && Selectors.selects(selector, Selectors.labels(pod))) {
                told.accept(NamespacedName.of(owner));
            }
        }
    }
}

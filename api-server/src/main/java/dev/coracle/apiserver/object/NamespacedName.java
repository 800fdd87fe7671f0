package dev.coracle.apiserver.object;

import java.util.Comparator;

/** An object's key inside its resource; {@code namespace} is empty for cluster-scoped objects. */
public record NamespacedName(String namespace, String name) implements Comparable<NamespacedName> {

    private static final Comparator<NamespacedName> ORDER =
            Comparator.comparing(NamespacedName::namespace).thenComparing(NamespacedName::name);

    @Override
    public int compareTo(NamespacedName other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return namespace.isEmpty() ? name : namespace + "/" + name;
    }
}

package dev.coracle.apiserver.watch;

import dev.coracle.apiserver.object.NamespacedName;
import java.util.NavigableMap;
import org.pcollections.TreePMap;

/**
 * All objects of one resource at one moment, in the order of their keys.
 *
 * @param revision the newest revision of the whole store at that moment; a watch from here misses
 *     nothing
 */
public record Snapshot(long revision, TreePMap<NamespacedName, CachedObject> objects) {

    /** The objects of a namespace, found without a look at the others; all if it is empty. */
    public NavigableMap<NamespacedName, CachedObject> in(String namespace) {
        return namespace.isEmpty()
                ? objects
                : objects.subMap(
                        new NamespacedName(namespace, ""),
                        true,
                        // the least namespace that comes after it
                        new NamespacedName(namespace + '\0', ""),
                        false);
    }
}

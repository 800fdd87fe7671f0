package dev.coracle.apiserver.watch;

import dev.coracle.apiserver.object.NamespacedName;
import org.pcollections.TreePMap;

/**
 * All objects of one resource at one moment, in the order of their keys.
 *
 * @param revision the newest revision of the whole store at that moment; a watch from here misses
 *     nothing
 */
public record Snapshot(long revision, TreePMap<NamespacedName, CachedObject> objects) {}

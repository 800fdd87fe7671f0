package dev.coracle.controllers.workqueue;

/** Converges one object; the key names it, never holds it. */
@FunctionalInterface
public interface Reconciler<K> {

    /** An exception puts {@code key} back with back-off; a normal return ends the back-off. */
    void reconcile(K key);
}

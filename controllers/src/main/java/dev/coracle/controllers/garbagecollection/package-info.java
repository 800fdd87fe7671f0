/**
 * Deletes objects whose owners are gone.
 *
 * <p>Start at {@link dev.coracle.controllers.garbagecollection.GarbageCollector}; {@link
 * dev.coracle.controllers.garbagecollection.OwnerGraph} remembers who owns what and decides.
 */
@NullMarked
package dev.coracle.controllers.garbagecollection;

import org.jspecify.annotations.NullMarked;

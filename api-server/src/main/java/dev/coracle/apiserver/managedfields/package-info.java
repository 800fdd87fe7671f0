/**
 * Who owns which field: {@code metadata.managedFields}, and server-side apply on top of it
 * (KEP-555).
 *
 * <p>Flow: {@code ManagedFields} is decoded from the object -> {@code FieldWalk} and {@code
 * Comparison} turn values into {@code FieldSet}s -> {@code Merge} and {@code Removal} make the
 * applied object -> the owners are encoded again. Start at {@link
 * dev.coracle.apiserver.managedfields.FieldOwnership}. Rule: pure functions on JSON trees and
 * schemas; knows no storage and no HTTP.
 */
@NullMarked
package dev.coracle.apiserver.managedfields;

import org.jspecify.annotations.NullMarked;

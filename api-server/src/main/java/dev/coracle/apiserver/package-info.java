/**
 * The Kubernetes API.
 *
 * <p>Write path: {@code authentication} -> {@code authorization} -> {@code endpoint} (decode;
 * {@code protobuf} for Go clients) -> {@code registry} (defaults) -> {@code admission} -> {@code
 * registry} ({@code managedfields}, validate, allocate) -> {@code storage} (compare-and-set, group
 * commit) -> {@code watch} (publish) -> answer. Read path: {@code endpoint} -> {@code watch} (the
 * cache). {@code discovery}, {@code openapi} and {@code table} say what is served and print it.
 *
 * <p>Start at {@link dev.coracle.apiserver.ApiServerConfiguration}, the composition root. Rule: a
 * package uses only those behind it on the path.
 */
@NullMarked
package dev.coracle.apiserver;

import org.jspecify.annotations.NullMarked;

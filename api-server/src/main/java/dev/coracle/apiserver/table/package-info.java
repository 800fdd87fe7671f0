/**
 * {@code as=Table}: what {@code kubectl get} prints, made by the server (Kubernetes API concepts,
 * "Receiving resources as Tables").
 *
 * <p>Start at {@link dev.coracle.apiserver.table.TablePrinter}; each resource's strategy has one.
 */
@NullMarked
package dev.coracle.apiserver.table;

import org.jspecify.annotations.NullMarked;

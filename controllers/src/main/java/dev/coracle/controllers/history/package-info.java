/**
 * The revisions of a pod template, kept as ControllerRevisions: what StatefulSets and DaemonSets
 * roll out and back.
 *
 * <p>Start at {@link dev.coracle.controllers.history.Revisions}.
 */
@NullMarked
package dev.coracle.controllers.history;

import org.jspecify.annotations.NullMarked;

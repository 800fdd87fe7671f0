/**
 * Which object controls which, and which labels a selector selects.
 *
 * <p>Start at {@link dev.coracle.controllers.ownership.Owners}.
 */
@NullMarked
package dev.coracle.controllers.ownership;

import org.jspecify.annotations.NullMarked;

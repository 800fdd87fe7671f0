/**
 * Label and field selectors: parsed once, evaluated on an object's labels and selectable fields.
 *
 * <p>Start at {@link dev.coracle.apiserver.selector.Selection}.
 */
@NullMarked
package dev.coracle.apiserver.selector;

import org.jspecify.annotations.NullMarked;

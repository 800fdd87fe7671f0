/**
 * What every module's tests share: the architecture rules. Test scope only.
 *
 * <p>Start at {@link dev.coracle.testkit.ArchitectureRules}.
 */
@NullMarked
package dev.coracle.testkit;

import org.jspecify.annotations.NullMarked;

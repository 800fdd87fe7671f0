/**
 * The subcommands of {@code coracle}, one class each; they print, and end with exit code 0 or 1.
 */
@NullMarked
package dev.coracle.cluster.command;

import org.jspecify.annotations.NullMarked;

/**
 * The all-in-one: every service wired into one JVM, and the command line around it.
 *
 * <p>Flow of {@code coracle up}: {@code command.UpCommand} -> {@link dev.coracle.cluster.AllInOne}
 * -> fabric, API server, then the {@code part}s side by side -> summary. Start at {@link
 * dev.coracle.cluster.Main}. Rule: the only module that sees all services; it decides nothing they
 * decide.
 */
@NullMarked
package dev.coracle.cluster;

import org.jspecify.annotations.NullMarked;

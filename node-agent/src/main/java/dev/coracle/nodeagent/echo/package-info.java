/**
 * The program of the built-in image {@code coracle/echo}: HTTP, TCP and UDP on one port.
 *
 * <p>Runs as a process of its own per container, from a copy of these class files. {@code EchoMain}
 * accepts, {@code Connection} looks at the first bytes and answers HTTP or gives them back. Start
 * at {@link dev.coracle.nodeagent.echo.EchoMain}.
 *
 * <p>Rule: the JDK only, and nothing that is slow to start (no lambdas, no string templates, no
 * logging).
 */
@NullMarked
package dev.coracle.nodeagent.echo;

import org.jspecify.annotations.NullMarked;

package dev.coracle.nodeagent.server;

import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A client's ends of the streams of a command.
 *
 * @param stdin what the client types; null if it did not ask for one, as the others
 * @param error takes the outcome
 * @param resize sizes of the client's terminal, as JSON objects
 * @param statusObject whether the outcome is a {@code Status}; in older protocols it is a sentence,
 *     and nothing if all went well
 * @param finish closes the connection when all is sent
 */
record RemoteStreams(
        @Nullable InputStream stdin,
        @Nullable OutputStream stdout,
        @Nullable OutputStream stderr,
        OutputStream error,
        @Nullable InputStream resize,
        boolean statusObject,
        Runnable finish) {}

package dev.coracle.nodeagent.server;

import dev.coracle.nodeagent.runtime.Attachment;
import dev.coracle.nodeagent.runtime.ExecSession;
import dev.coracle.nodeagent.runtime.OutputListener;
import dev.coracle.nodeagent.runtime.RunningContainer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Joins a client's streams with a command, or with a container's main process. Blocks. */
final class RemoteCommand {

    private static final Logger log = LoggerFactory.getLogger(RemoteCommand.class);
    private static final int PIECE = 32 * 1024;
    private static final int LARGEST_BACKLOG = 16 * 1024 * 1024;

    private RemoteCommand() {}

    /** Runs a command to its end. */
    static void exec(
            RunningContainer container, List<String> command, boolean tty, RemoteStreams streams) {
        String outcome;
        try (ExecSession session = container.exec(command, tty)) {
            outcome = converse(session, streams);
        } catch (IOException e) {
            outcome = failed("error executing command in container: " + e.getMessage(), streams);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            outcome = failed("the node-agent ends", streams);
        }
        finish(streams, outcome);
    }

    private static String converse(ExecSession session, RemoteStreams streams)
            throws InterruptedException {
        CountDownLatch printed = new CountDownLatch(2);
        pump(session.stdout(), streams.stdout(), printed);
        pump(session.stderr(), streams.stderr(), printed);
        resizes(streams.resize(), session::resize);
        InputStream typed = streams.stdin();
        if (typed == null) {
            // for a terminal there is no end of input but its hang-up
            close(session.stdin());
        } else {
            start("stdin", () -> type(typed, session));
        }
        int code = session.await();
        printed.await();
        return code == 0 ? succeeded(streams) : exited(code, streams);
    }

    private static void type(InputStream typed, ExecSession session) {
        try (OutputStream stdin = session.stdin()) {
            copy(typed, stdin);
        } catch (IOException e) {
            log.trace("a command reads no more: {}", e.toString());
        } finally {
            close(typed);
        }
    }

    /** Listens to a container, and types into it, until it or the client ends. */
    static void attach(RunningContainer container, RemoteStreams streams) {
        Backlog backlog = new Backlog();
        String outcome;
        try (Attachment attachment = container.attach(backlog)) {
            resizes(streams.resize(), (columns, rows) -> attachment.resize(columns, rows));
            InputStream typed = streams.stdin();
            if (typed != null) {
                start("attach-stdin", () -> type(typed, attachment));
            }
            backlog.drain(streams);
            outcome = succeeded(streams);
        } catch (IOException e) {
            outcome = failed("error attaching to container: " + e.getMessage(), streams);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            outcome = failed("the node-agent ends", streams);
        }
        finish(streams, outcome);
    }

    private static void type(InputStream typed, Attachment attachment) {
        byte[] buffer = new byte[PIECE];
        try (typed) {
            for (int n = typed.read(buffer); n >= 0; n = typed.read(buffer)) {
                attachment.write(java.util.Arrays.copyOf(buffer, n));
            }
            attachment.endOfInput();
        } catch (IOException e) {
            log.debug("a container reads no more: {}", e.toString());
        }
    }

    /** What a container printed and the client has not got yet. */
    private static final class Backlog implements OutputListener {

        private record Piece(String stream, byte[] bytes) {}

        private final LinkedBlockingQueue<Optional<Piece>> pieces = new LinkedBlockingQueue<>();
        private final AtomicInteger waiting = new AtomicInteger();

        @Override
        public void output(String stream, byte[] bytes) {
            if (waiting.addAndGet(bytes.length) > LARGEST_BACKLOG) {
                pieces.add(Optional.empty());
            } else {
                pieces.add(Optional.of(new Piece(stream, bytes)));
            }
        }

        @Override
        public void end() {
            pieces.add(Optional.empty());
        }

        void drain(RemoteStreams streams) throws IOException, InterruptedException {
            for (Optional<Piece> next = pieces.take(); next.isPresent(); next = pieces.take()) {
                Piece piece = next.get();
                waiting.addAndGet(-piece.bytes().length);
                OutputStream out =
                        piece.stream().equals("stderr") ? streams.stderr() : streams.stdout();
                if (out != null) {
                    out.write(piece.bytes());
                }
            }
        }
    }

    private static void pump(InputStream from, @Nullable OutputStream to, CountDownLatch done) {
        start(
                "exec-output",
                () -> {
                    try (from) {
                        copy(from, to == null ? OutputStream.nullOutputStream() : to);
                    } catch (IOException e) {
                        log.trace("a client listens no more: {}", e.toString());
                    } finally {
                        done.countDown();
                    }
                });
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[PIECE];
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            to.write(buffer, 0, n);
            to.flush();
        }
    }

    private interface Resize {
        void to(int columns, int rows);
    }

    private static void resizes(@Nullable InputStream sizes, Resize resize) {
        if (sizes == null) {
            return;
        }
        Thread _ =
                Thread.ofVirtual()
                        .name("resize")
                        .start(() -> {
                            try {
                                TerminalSize.readAll(
                                        sizes, size -> resize.to(size.width(), size.height()));
                            } catch (IOException e) {
                                log.debug("a terminal is not resized: {}", e.toString());
                            }
                        });
    }

    private static String succeeded(RemoteStreams streams) {
        return streams.statusObject() ? "{\"metadata\":{},\"status\":\"Success\"}" : "";
    }

    private static String exited(int code, RemoteStreams streams) {
        String message = "command terminated with non-zero exit code: exit status " + code;
        if (!streams.statusObject()) {
            return message;
        }
        return "{\"metadata\":{},\"status\":\"Failure\",\"message\":"
                + Serialization.asJson(message)
                + ",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":"
                + "[{\"reason\":\"ExitCode\",\"message\":\""
                + code
                + "\"}]}}";
    }

    private static String failed(String message, RemoteStreams streams) {
        if (!streams.statusObject()) {
            return message;
        }
        return "{\"metadata\":{},\"status\":\"Failure\",\"message\":"
                + Serialization.asJson("Internal error occurred: " + message)
                + ",\"reason\":\"InternalError\",\"details\":{\"causes\":[{\"message\":"
                + Serialization.asJson(message)
                + "}]},\"code\":500}";
    }

    private static void finish(RemoteStreams streams, String outcome) {
        try {
            if (!outcome.isEmpty()) {
                streams.error().write(outcome.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            log.trace("a client has gone: {}", e.toString());
        }
        close(streams.stdout());
        close(streams.stderr());
        close(streams.error());
        close(streams.stdin());
        close(streams.resize());
        streams.finish().run();
    }

    private static void close(java.io.@Nullable Closeable stream) {
        if (stream != null) {
            try {
                stream.close();
            } catch (IOException e) {
                log.trace("already closed: {}", e.toString());
            }
        }
    }

    /** A platform thread: a virtual one would hold a carrier in every blocking read of a pipe. */
    private static void start(String name, Runnable task) {
        Thread _ = Thread.ofPlatform().daemon().name(name).start(task);
    }
}

package dev.coracle.nodeagent.runtime;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A command under {@code nsenter}, with pipes or with a terminal. */
final class NetnsExec implements ExecSession {

    private final Process process;
    private final @Nullable PseudoTerminal terminal;

    private NetnsExec(Process process, @Nullable PseudoTerminal terminal) {
        this.process = process;
        this.terminal = terminal;
    }

    static NetnsExec withPipes(ProcessBuilder builder, boolean filtered) throws IOException {
        return new NetnsExec(CallFilter.start(builder, filtered), null);
    }

    /** The command must open {@code terminal}'s slave side itself. */
    static NetnsExec withTerminal(ProcessBuilder builder, PseudoTerminal terminal, boolean filtered)
            throws IOException {
        try {
            Process process = CallFilter.start(builder, filtered);
            process.getOutputStream().close();
            return new NetnsExec(process, terminal);
        } catch (IOException e) {
            terminal.close();
            throw e;
        }
    }

    @Override
    public OutputStream stdin() {
        return terminal == null ? process.getOutputStream() : terminal.input();
    }

    @Override
    public InputStream stdout() {
        return terminal == null ? process.getInputStream() : terminal.output();
    }

    @Override
    public InputStream stderr() {
        return terminal == null ? process.getErrorStream() : new ByteArrayInputStream(new byte[0]);
    }

    @Override
    public void resize(int columns, int rows) {
        if (terminal != null) {
            terminal.resize(columns, rows);
        }
    }

    @Override
    public int await() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public void close() {
        if (terminal != null) {
            terminal.close();
            return;
        }
        try {
            process.getOutputStream().close();
        } catch (IOException _) {
            // it has ended
        }
    }
}

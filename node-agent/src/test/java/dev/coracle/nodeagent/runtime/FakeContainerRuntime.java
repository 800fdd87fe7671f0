package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Containers without processes. {@code sh -c "exit N"} ends at once, anything that is not an
 * absolute path runs until told; a test ends a run with {@link Run#end}.
 */
public final class FakeContainerRuntime implements ContainerRuntime {

    private final List<Run> runs = new CopyOnWriteArrayList<>();

    @Override
    public String version() {
        return "fake://1";
    }

    /** Every run so far, oldest first. */
    public List<Run> runs() {
        return List.copyOf(runs);
    }

    @Override
    public PodSandbox createSandbox(SandboxSpec spec) {
        List<Run> mine = new ArrayList<>();
        return new PodSandbox() {
            @Override
            public List<Adopted> adopt() {
                return List.of();
            }

            @Override
            public synchronized RunningContainer start(ContainerSpec container) {
                Run run = new Run("fake" + runs.size(), container);
                runs.add(run);
                mine.add(run);
                List<String> command = container.command();
                if (command.getFirst().startsWith("/no/such")) {
                    run.end(127);
                } else if (command.size() == 3 && command.get(2).startsWith("exit ")) {
                    run.end(Integer.parseInt(command.get(2).substring(5)));
                }
                return run;
            }

            @Override
            public synchronized void close() {
                mine.forEach(Run::kill);
            }
        };
    }

    @Override
    public Optional<PodSandbox> findSandbox(SandboxSpec spec) {
        return Optional.empty();
    }

    @Override
    public void discard(java.nio.file.Path namespaces, java.nio.file.Path folder) {
        // nothing outlives a test
    }

    /** A run of a container of this name that goes on until told. */
    public static Run runOf(String name) {
        return new Run(
                "fake-" + name,
                new ContainerSpec(
                        name,
                        List.of("sleep"),
                        java.util.Map.of(),
                        "/",
                        "",
                        List.of(),
                        java.nio.file.Path.of("/dev/null"),
                        Confinement.standard(java.nio.file.Path.of("/dev/null")),
                        ContainerSpec.Console.NONE,
                        0,
                        "image"));
    }

    /** One run of a container. */
    public static final class Run implements RunningContainer {
        private final String id;
        private final ContainerSpec spec;
        private final CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
        private volatile boolean terminated;
        private volatile int execCode;

        Run(String id, ContainerSpec spec) {
            this.id = id;
            this.spec = spec;
        }

        public ContainerSpec spec() {
            return spec;
        }

        /** How commands in it end from now on. */
        public void execAnswers(int code) {
            execCode = code;
        }

        public boolean wasTerminated() {
            return terminated;
        }

        public void end(int code) {
            exit.complete(new ExitStatus(code));
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public CompletableFuture<ExitStatus> exit() {
            return exit.copy();
        }

        @Override
        public long writtenBytes() {
            return 0;
        }

        @Override
        public void terminate() {
            terminated = true;
        }

        @Override
        public void kill() {
            end(137);
        }

        @Override
        public ExecResult exec(List<String> command, Duration timeout) throws IOException {
            if (exit.isDone()) {
                throw new IOException("the container is not running");
            }
            return new ExecResult(execCode, "said " + execCode);
        }

        @Override
        public ExecSession exec(List<String> command, boolean tty) throws IOException {
            throw new IOException("the container has no processes");
        }

        @Override
        public Attachment attach(OutputListener listener) throws IOException {
            throw new IOException("the container has no processes");
        }
    }
}

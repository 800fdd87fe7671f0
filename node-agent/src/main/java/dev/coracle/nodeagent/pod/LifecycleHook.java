package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.probe.ProbeChecks;
import dev.coracle.nodeagent.runtime.RunningContainer;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is done after a container is started or before it is asked to end. */
sealed interface LifecycleHook {

    /** Nothing. */
    record None() implements LifecycleHook {}

    /** It goes on for a time. */
    record Sleep(Duration time) implements LifecycleHook {}

    /** A command in it, or a request to it. */
    record Call(LifecycleHandler handler) implements LifecycleHook {}

    static LifecycleHook postStart(Container container) {
        return container.getLifecycle() == null
                ? new None()
                : of(container.getLifecycle().getPostStart());
    }

    static LifecycleHook preStop(Container container) {
        return container.getLifecycle() == null
                ? new None()
                : of(container.getLifecycle().getPreStop());
    }

    private static LifecycleHook of(@Nullable LifecycleHandler handler) {
        if (handler == null) {
            return new None();
        }
        if (handler.getSleep() != null) {
            return new Sleep(
                    Duration.ofSeconds(
                            Objects.requireNonNullElse(handler.getSleep().getSeconds(), 0L)));
        }
        return new Call(handler);
    }

    /**
     * Starts a hook and returns; {@code over} hears once that it ended, and why it failed if it
     * did. A hook without work is over at once, on the caller's thread.
     *
     * @param longest it is cut off after this time
     */
    static void start(
            LifecycleHook hook,
            PodContext context,
            Container container,
            RunningContainer run,
            Duration longest,
            Consumer<Optional<String>> over) {
        switch (hook) {
            case None() -> over.accept(Optional.empty());
            case Sleep(Duration time) -> {
                var _ =
                        context.tools()
                                .timers()
                                .after(
                                        time.compareTo(longest) < 0 ? time : longest,
                                        () -> over.accept(Optional.empty()));
            }
            case Call(LifecycleHandler handler) ->
                    Thread.ofVirtual()
                            .name("hook-" + container.getName())
                            .start(() ->
                                    over.accept(call(handler, context, container, run, longest)));
        }
    }

    private static Optional<String> call(
            LifecycleHandler handler,
            PodContext context,
            Container container,
            RunningContainer run,
            Duration longest) {
        try {
            if (handler.getExec() != null) {
                int code = run.exec(handler.getExec().getCommand(), longest).code();
                return code == 0 ? Optional.empty() : Optional.of("command exited with " + code);
            }
            if (handler.getHttpGet() != null) {
                ProbeChecks probes = context.tools().probes();
                return probes.request(
                        handler.getHttpGet(), container, context.facts().podAddress(), longest);
            }
            return Optional.of("Invalid handler: only exec, httpGet and sleep are carried out");
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}

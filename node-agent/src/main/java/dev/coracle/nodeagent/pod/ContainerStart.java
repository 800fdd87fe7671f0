package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.cgroup.CgroupLimits;
import dev.coracle.nodeagent.cgroup.ContainerCgroup;
import dev.coracle.nodeagent.image.Image;
import dev.coracle.nodeagent.runtime.ContainerSpec;
import dev.coracle.nodeagent.runtime.RunningContainer;
import dev.coracle.nodeagent.runtime.UserIds;
import dev.coracle.nodeagent.volume.MissingObjectException;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Starts one run of one container. */
final class ContainerStart {

    private final PodContext context;
    private final Pod pod;
    private final PodHost host;
    private final PodFacts facts;
    private final Dwelling dwelling;

    ContainerStart(PodContext context, Dwelling dwelling) {
        this.context = context;
        this.pod = context.pod();
        this.host = context.host();
        this.facts = context.facts();
        this.dwelling = dwelling;
    }

    /** What came of it. */
    sealed interface Outcome {
        record Started(RunningContainer run, String imageId) implements Outcome {}

        /**
         * It does not run, and why: the reason and message of the waiting container.
         *
         * @param again when to try again; null for the usual time
         */
        record Failed(String reason, String message, @Nullable Duration again) implements Outcome {}

        /** Its image is being pulled until then. */
        record Pulling(CompletableFuture<?> end) implements Outcome {}
    }

    Outcome attempt(ContainerLife life) {
        return switch (life.image.find(
                context, life.container.getImage(), life.container.getImagePullPolicy())) {
            case ContainerImage.Outcome.Pulling(var end) -> new Outcome.Pulling(end);
            case ContainerImage.Outcome.Missing(String reason, String message, Duration again) ->
                    new Outcome.Failed(reason, message, again);
            case ContainerImage.Outcome.Found(Image image, String event) -> {
                if (life.nextAttempt() == 0) {
                    event("Pulled", event);
                }
                yield start(life, image);
            }
        };
    }

    private Outcome start(ContainerLife life, Image image) {
        Container container = life.container;
        try {
            SecurityRules security = new SecurityRules(pod, container);
            String user = security.user(image);
            Optional<String> unknown = UserIds.here().refusal(user, List.of());
            if (unknown.isPresent()) {
                return failed("CreateContainerConfigError", unknown.get());
            }
            Map<String, String> env =
                    new ContainerEnvironment(
                                    facts.fields(pod, host.node().get()),
                                    PodFiles.hostname(pod, host.nodeName()),
                                    host.tools().api(),
                                    host.services().get())
                            .of(container, image);
            List<String> command =
                    image.commandLine(
                            expanded(container.getCommand(), env),
                            expanded(container.getArgs(), env));
            if (command.isEmpty()) {
                return failed("CreateContainerError", "no command specified");
            }
            life.log = log(life);
            ContainerCgroup cgroup =
                    host.tools()
                            .cgroups()
                            .container(
                                    pod.getMetadata().getUid(),
                                    container.getName(),
                                    limits(container));
            life.cgroup = cgroup;
            ContainerSpec spec =
                    new ContainerSpec(
                            container.getName(),
                            command,
                            env,
                            workingDirectory(container, image),
                            user,
                            mounts(container, env),
                            life.log,
                            security.confinement(
                                    image,
                                    cgroup.folders(),
                                    dwelling.startError(container.getName())),
                            console(container),
                            life.nextAttempt(),
                            image.id(),
                            target(container),
                            new ContainerSpec.FromImage(
                                    image.content().root(), image.content().stopSignal()));
            RunningContainer run = dwelling.sandbox().start(spec);
            if (life.nextAttempt() == 0) {
                host.tools()
                        .runtime()
                        .reservation(spec)
                        .ifPresent(text -> context.warning("NotIsolated", text));
            }
            event("Created", "Created container: " + container.getName());
            event("Started", "Started container " + container.getName());
            return new Outcome.Started(run, image.id());
        } catch (MissingObjectException e) {
            return failed("CreateContainerConfigError", String.valueOf(e.getMessage()));
        } catch (IOException | IllegalArgumentException e) {
            return failed("CreateContainerError", String.valueOf(e.getMessage()));
        }
    }

    private Outcome failed(String reason, String message) {
        context.warning("Failed", "Error: " + message);
        return new Outcome.Failed(reason, message, null);
    }

    /** Of ephemeral containers only; the model has it among what it does not know. */
    private static String target(Container container) {
        Object target = container.getAdditionalProperties().get("targetContainerName");
        return target == null ? "" : target.toString();
    }

    private Path log(ContainerLife life) {
        return PodViews.logs(pod, host).resolve(life.name()).resolve(life.nextAttempt() + ".log");
    }

    /** The volumes, and the file for its last words. */
    private List<ContainerSpec.Mount> mounts(Container container, Map<String, String> env)
            throws IOException {
        Path message = dwelling.message(container.getName());
        Files.writeString(message, "");
        Files.setPosixFilePermissions(message, PosixFilePermissions.fromString("rw-rw-rw-"));
        List<ContainerSpec.Mount> mounts =
                new ArrayList<>(dwelling.volumes().mounts(container, pod, env));
        mounts.add(new ContainerSpec.Mount(message, Postmortem.messagePath(container), false));
        return mounts;
    }

    static CgroupLimits limits(Container container) {
        ResourceRequirements resources = container.getResources();
        if (resources == null) {
            return new CgroupLimits(0, 0, 0);
        }
        long limit = amount(resources.getLimits(), "cpu", 3);
        long request = amount(resources.getRequests(), "cpu", 3);
        return new CgroupLimits(
                limit, request == 0 ? limit : request, amount(resources.getLimits(), "memory", 0));
    }

    private static long amount(@Nullable Map<String, Quantity> amounts, String name, int decimals) {
        Quantity amount = amounts == null ? null : amounts.get(name);
        return amount == null
                ? 0
                : Quantity.getAmountInBytes(amount).movePointRight(decimals).longValue();
    }

    private static ContainerSpec.Console console(Container container) {
        return new ContainerSpec.Console(
                Boolean.TRUE.equals(container.getStdin()),
                Boolean.TRUE.equals(container.getStdinOnce()),
                Boolean.TRUE.equals(container.getTty()));
    }

    private static String workingDirectory(Container container, Image image) {
        String own = container.getWorkingDir();
        return own == null || own.isEmpty() ? image.workingDirectory() : own;
    }

    private static List<String> expanded(List<String> words, Map<String, String> env) {
        return words.stream().map(word -> ContainerEnvironment.expand(word, env)).toList();
    }

    private void event(String reason, String message) {
        context.normal(reason, message);
    }
}

package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.image.Image;
import dev.coracle.nodeagent.pod.PodApi.EventType;
import dev.coracle.nodeagent.runtime.ContainerSpec;
import dev.coracle.nodeagent.runtime.RunningContainer;
import dev.coracle.nodeagent.volume.MissingObjectException;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Starts one run of one container. */
final class ContainerStart {

    private final Pod pod;
    private final PodHost host;
    private final PodFacts facts;
    private final Dwelling dwelling;

    ContainerStart(Pod pod, PodHost host, PodFacts facts, Dwelling dwelling) {
        this.pod = pod;
        this.host = host;
        this.facts = facts;
        this.dwelling = dwelling;
    }

    /** What came of it. */
    sealed interface Outcome {
        record Started(RunningContainer run, String imageId) implements Outcome {}

        /**
         * It does not run, and why: the reason and message of the waiting container.
         *
         * @param imageMissing whether it is the image that is unknown
         */
        record Failed(String reason, String message, boolean imageMissing) implements Outcome {}
    }

    Outcome attempt(ContainerLife life) {
        Container container = life.container;
        Optional<Image> image = host.tools().images().find(container.getImage());
        if (image.isEmpty()) {
            return new Outcome.Failed(
                    "ErrImagePull", host.tools().images().howToAdd(container.getImage()), true);
        }
        if (life.restarts == 0) {
            event(
                    EventType.NORMAL,
                    "Pulled",
                    "Container image \"" + container.getImage() + "\" already present on machine");
        }
        try {
            Map<String, String> env =
                    new ContainerEnvironment(pod, facts, host.tools().api(), host.services().get())
                            .of(container, image.get());
            List<String> command =
                    image.get()
                            .commandLine(
                                    expanded(container.getCommand(), env),
                                    expanded(container.getArgs(), env));
            if (command.isEmpty()) {
                return failed(
                        "CreateContainerError",
                        "image '"
                                + container.getImage()
                                + "' has no entrypoint: the container needs a command");
            }
            RunningContainer run =
                    dwelling.sandbox()
                            .start(
                                    new ContainerSpec(
                                            container.getName(),
                                            command,
                                            env,
                                            workingDirectory(container, image.get()),
                                            user(container, image.get()),
                                            dwelling.volumes().mounts(pod, container),
                                            log(life),
                                            console(container),
                                            life.restarts,
                                            image.get().id()));
            event(EventType.NORMAL, "Created", "Created container: " + container.getName());
            event(EventType.NORMAL, "Started", "Started container " + container.getName());
            return new Outcome.Started(run, image.get().id());
        } catch (MissingObjectException e) {
            return failed("CreateContainerConfigError", String.valueOf(e.getMessage()));
        } catch (IOException | IllegalArgumentException e) {
            return failed("CreateContainerError", String.valueOf(e.getMessage()));
        }
    }

    private Outcome failed(String reason, String message) {
        event(EventType.WARNING, "Failed", "Error: " + message);
        return new Outcome.Failed(reason, message, false);
    }

    private Path log(ContainerLife life) {
        return PodViews.logs(pod, host).resolve(life.name()).resolve(life.restarts + ".log");
    }

    private String user(Container container, Image image) {
        SecurityContext own = container.getSecurityContext();
        Long user = own == null ? null : own.getRunAsUser();
        Long group = own == null ? null : own.getRunAsGroup();
        var shared = pod.getSpec().getSecurityContext();
        if (user == null && shared != null) {
            user = shared.getRunAsUser();
        }
        if (group == null && shared != null) {
            group = shared.getRunAsGroup();
        }
        if (user == null) {
            return image.user();
        }
        return group == null ? user + ":0" : user + ":" + group;
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

    private void event(EventType type, String reason, String message) {
        host.tools().api().event(pod, type, reason, message);
    }
}

package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.image.Image;
import dev.coracle.nodeagent.image.ImageReference;
import dev.coracle.nodeagent.image.ImageStore;
import dev.coracle.nodeagent.image.StoredImage;
import dev.coracle.nodeagent.registry.ImageSource;
import dev.coracle.nodeagent.registry.PullSecrets;
import dev.coracle.nodeagent.registry.RegistryLogin;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The image of one container: found, or pulled as its imagePullPolicy says, with growing pauses
 * between attempts. Confined to the pod's worker.
 */
final class ContainerImage {

    private static final Logger log = LoggerFactory.getLogger(ContainerImage.class);
    private static final Duration SHOW = Duration.ofSeconds(1);

    private final Backoff backoff;
    private @Nullable CompletableFuture<StoredImage> pull;
    private Instant pullBegan = Instant.EPOCH;
    private Instant notBefore = Instant.EPOCH;
    private String failure = "";

    ContainerImage(Duration first, Duration longest) {
        this.backoff = new Backoff(first, longest);
        Duration _ = backoff.advance();
    }

    /** What came of it. */
    sealed interface Outcome {
        /** Here it is. */
        record Found(Image image, String event) implements Outcome {}

        /** It is being pulled until then. */
        record Pulling(CompletableFuture<?> end) implements Outcome {}

        /** It is not, and why: what the waiting container says, and when to ask again. */
        record Missing(String reason, String message, Duration again) implements Outcome {}
    }

    Outcome find(PodContext context, String text, @Nullable String policy) {
        ImageStore images = context.tools().images();
        ImageReference image;
        try {
            image = ImageReference.parse(text);
        } catch (IllegalArgumentException e) {
            String message =
                    "Failed to apply default image tag \"" + text + "\": " + e.getMessage();
            context.warning("InspectFailed", message);
            return failed(context, "InvalidImageName", message);
        }
        Optional<Image> own = images.find(text);
        if (own.isPresent()) {
            return present(own.get(), text);
        }
        try {
            return find(context, image, text, Objects.requireNonNullElse(policy, "IfNotPresent"));
        } catch (IOException e) {
            String message = "Failed to inspect image \"" + text + "\": " + e.getMessage();
            context.warning("InspectFailed", message);
            return failed(context, "ImageInspectError", message);
        }
    }

    private Outcome find(PodContext context, ImageReference image, String text, String policy)
            throws IOException {
        CompletableFuture<StoredImage> running = pull;
        if (running != null) {
            return running.isDone() ? pulled(context, running, text) : new Outcome.Pulling(running);
        }
        ImageStore images = context.tools().images();
        ImageSource source = context.tools().source();
        Optional<StoredImage> stored = images.find(image);
        boolean wantsPull = policy.equals("Always") && source.canPull(image);
        if (stored.isPresent() && !wantsPull) {
            return present(images.of(stored.get()), text);
        }
        if (policy.equals("Never")) {
            String message =
                    "Container image \"" + text + "\" is not present with pull policy of Never";
            context.warning("ErrImageNeverPull", message);
            return failed(context, "ErrImageNeverPull", message);
        }
        if (context.now().isBefore(notBefore)) {
            String message = "Back-off pulling image \"" + text + "\"";
            context.normal("BackOff", message);
            context.warning("Failed", "Error: ImagePullBackOff");
            return new Outcome.Missing(
                    "ImagePullBackOff",
                    message + ": ErrImagePull: " + failure,
                    Duration.between(context.now(), notBefore));
        }
        if (!source.canPull(image)) {
            return notPulled(context, text, images.howToAdd(text));
        }
        context.normal("Pulling", "Pulling image \"" + text + "\"");
        pullBegan = context.now();
        CompletableFuture<StoredImage> begun = source.pull(image, logins(context, image));
        pull = begun;
        return new Outcome.Pulling(begun);
    }

    private Outcome pulled(PodContext context, CompletableFuture<StoredImage> end, String text)
            throws IOException {
        pull = null;
        StoredImage image;
        try {
            image = end.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return notPulled(context, text, String.valueOf(cause.getMessage()));
        }
        failure = "";
        Duration took = Duration.between(pullBegan, context.now());
        String time = text(took);
        return new Outcome.Found(
                context.tools().images().of(image),
                "Successfully pulled image \"%s\" in %s (%s including waiting). Image size: %d bytes."
                        .formatted(text, time, time, image.sizeBytes()));
    }

    private Outcome notPulled(PodContext context, String text, String why) {
        failure = why;
        notBefore = context.now().plus(backoff.advance());
        context.warning("Failed", "Failed to pull image \"" + text + "\": " + why);
        context.warning("Failed", "Error: ErrImagePull");
        return new Outcome.Missing("ErrImagePull", why, SHOW);
    }

    private Outcome failed(PodContext context, String reason, String message) {
        context.warning("Failed", "Error: " + reason);
        return new Outcome.Missing(reason, message, backoff.advance());
    }

    private static Outcome present(Image image, String text) {
        return new Outcome.Found(
                image, "Container image \"" + text + "\" already present on machine");
    }

    private static List<RegistryLogin> logins(PodContext context, ImageReference image) {
        List<Secret> secrets = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        String namespace = context.pod().getMetadata().getNamespace();
        for (LocalObjectReference reference : context.pod().getSpec().getImagePullSecrets()) {
            secret(context, namespace, reference.getName())
                    .ifPresentOrElse(secrets::add, () -> missing.add(reference.getName()));
        }
        if (!missing.isEmpty()) {
            context.warning(
                    "FailedToRetrieveImagePullSecret",
                    "Unable to retrieve some image pull secrets ("
                            + String.join(", ", missing)
                            + "); attempting to pull the image may not succeed.");
        }
        return PullSecrets.logins(secrets, image, context.tools().source().registry());
    }

    private static Optional<Secret> secret(PodContext context, String namespace, String name) {
        try {
            return context.tools().api().secret(namespace, name);
        } catch (RuntimeException e) {
            log.warn("secret '{}/{}' cannot be read: {}", namespace, name, e.getMessage());
            return Optional.empty();
        }
    }

    /** As Go prints durations. */
    private static String text(Duration duration) {
        long millis = duration.toMillis();
        return millis < 1000 ? millis + "ms" : "%d.%03ds".formatted(millis / 1000, millis % 1000);
    }
}

package dev.coracle.cluster.command;

import dev.coracle.cluster.ClusterOptions;
import dev.coracle.cluster.part.StartupException;
import dev.coracle.nodeagent.image.ImageAddition;
import dev.coracle.nodeagent.image.ImageArchive;
import dev.coracle.nodeagent.image.ImageFolder;
import dev.coracle.nodeagent.image.StoredImage;
import dev.coracle.nodeagent.runtime.RunningImages;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coracle image load FILE | list | rm IMAGE}: what pods can be made of. */
@Command(
        name = "image",
        description = "Load images from archives, list and remove them.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "load|list|rm")
public final class ImageCommand {

    private static final long MIB = 1024L * 1024;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "load",
            description =
                    "Add the images of an OCI layout or of what 'docker save' wrote, gzipped or"
                            + " not. A running cluster sees them at once.",
            mixinStandardHelpOptions = true)
    int load(
            @Parameters(paramLabel = "FILE") Path file,
            @Option(
                            names = "--name",
                            paramLabel = "IMAGE",
                            defaultValue = "",
                            description = "what to call it, if the archive does not say")
                    String name,
            @Mixin DataOption data) {
        if (!Files.isRegularFile(file)) {
            throw new StartupException("there is no file '" + file + "'");
        }
        ImageFolder folder = new ImageFolder(ClusterOptions.images(data.pathOfRunning()));
        try {
            ImageArchive archive =
                    new ImageArchive(folder, new ImageAddition(folder, InstantSource.system()));
            for (StoredImage image : archive.load(file, name)) {
                out().printf("loaded %s (%s)%n", String.join(", ", image.names()), image.id());
            }
        } catch (IOException e) {
            throw new StartupException("'" + file + "' is not loaded: " + e.getMessage());
        }
        return 0;
    }

    @Command(
            name = "list",
            description = "Show the images that were loaded or pulled.",
            mixinStandardHelpOptions = true)
    int list(@Mixin DataOption data) throws IOException {
        List<StoredImage> images =
                new ImageFolder(ClusterOptions.images(data.pathOfRunning())).list();
        out().printf("%-50s %-14s %10s  %s%n", "IMAGE", "ID", "SIZE", "SINCE");
        for (StoredImage image : images) {
            List<String> names = image.names().isEmpty() ? image.digests() : image.names();
            for (String name : names.isEmpty() ? List.of("<none>") : names) {
                out().printf(
                                Locale.ROOT,
                                "%-50s %-14s %6.1f MiB  %s%n",
                                name,
                                image.id().substring(7, 19),
                                (double) image.sizeBytes() / MIB,
                                image.since());
            }
        }
        return 0;
    }

    @Command(
            name = "rm",
            description =
                    "Take a name from its image, and remove the image with its last one, or by its"
                            + " id, unless a container runs of it.",
            mixinStandardHelpOptions = true)
    int remove(
            @Parameters(paramLabel = "IMAGE", arity = "1..*") List<String> images,
            @Mixin DataOption data)
            throws IOException {
        Path path = data.pathOfRunning();
        ImageFolder folder = new ImageFolder(ClusterOptions.images(path));
        Set<String> used = RunningImages.below(path.resolve("nodes"));
        for (String image : images) {
            out().println((folder.remove(image, used) ? "removed " : "untagged ") + image);
        }
        return 0;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}

package dev.coracle.nodeagent.image;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images this node knows: built-in ones, entries of {@code images.d}, and those that were
 * loaded or pulled. Thread-safe; the folders are read again at every look-up.
 */
public final class ImageStore {

    private static final Logger log = LoggerFactory.getLogger(ImageStore.class);

    private static final String ECHO = "coracle/echo";
    private static final String HOST = "coracle/host";

    private final Path imagesFolder;
    private final ImageFolder stored;
    private final Image echo;
    private final Image host =
            new Image("coracle/host@builtin", List.of(), List.of(), Map.of(), "/", "", false);

    /**
     * A store with the built-in images.
     *
     * @param imagesFolder holds {@code *.yaml}; may be absent
     * @param stored what was loaded or pulled
     * @param echoCommand starts the echo program
     */
    public ImageStore(Path imagesFolder, ImageFolder stored, List<String> echoCommand) {
        this.imagesFolder = imagesFolder;
        this.stored = stored;
        this.echo =
                new Image("coracle/echo@builtin", echoCommand, List.of(), Map.of(), "/", "", true);
    }

    /**
     * The image that {@code reference} names and that is never pulled; a tag or digest on a
     * built-in one is ignored.
     */
    public Optional<Image> find(String reference) {
        String name = withoutTag(reference);
        if (name.equals(ECHO)) {
            return Optional.of(echo);
        }
        if (name.equals(HOST)) {
            return Optional.of(host);
        }
        for (ImageEntry entry : entries()) {
            if (glob(entry.glob()).matcher(reference).matches()
                    || glob(entry.glob()).matcher(name).matches()) {
                return Optional.of(entry.image());
            }
        }
        return Optional.empty();
    }

    /** The image of that name that was loaded or pulled. */
    public Optional<StoredImage> find(ImageReference reference) throws IOException {
        return stored.find(reference);
    }

    /**
     * How to start an image that was loaded or pulled.
     *
     * @throws IOException if its user is unknown in it
     */
    public Image of(StoredImage image) throws IOException {
        ImageConfig config = image.config();
        Path root = stored.root(image);
        ImageUser user = ImageUser.find(root, config.user());
        Map<String, String> env = new HashMap<>(config.env());
        env.putIfAbsent("HOME", user.home());
        String name = config.user().split(":", 2)[0];
        return new Image(
                image.reference(),
                config.entrypoint(),
                config.cmd(),
                env,
                config.workingDirectory(),
                user.uid() + ":" + user.gid(),
                false,
                new Image.Content(
                        root,
                        ImageEntry.signal(config.stopSignal()),
                        name.matches("\\d*") ? "" : name,
                        user.groups()));
    }

    /** All images, for the Node's status. */
    public List<StoredImage> list() {
        try {
            return stored.list();
        } catch (IOException e) {
            log.warn("cannot read the images: {}", e.getMessage());
            return List.of();
        }
    }

    /** What to tell somebody whose image is unknown. */
    public String howToAdd(String reference) {
        return "this node knows no image '"
                + reference
                + "', and the name says no registry to pull it from. Use coracle/echo or coracle/host,"
                + " load an archive with 'coracle image load FILE', name the registry"
                + " (registry.example.com/...), or put a file such as "
                + imagesFolder.resolve("my.yaml")
                + " with 'glob: "
                + withoutTag(reference)
                + ":*' and 'entrypoint: [/path/to/program]'";
    }

    private List<ImageEntry> entries() {
        if (!Files.isDirectory(imagesFolder)) {
            return List.of();
        }
        List<ImageEntry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.list(imagesFolder)) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".yaml")) {
                    entries.add(Serialization.unmarshal(Files.readString(file), ImageEntry.class));
                }
            }
        } catch (IOException | RuntimeException e) {
            log.warn("cannot read the images of '{}': {}", imagesFolder, e.getMessage());
        }
        return entries;
    }

    private static String withoutTag(String reference) {
        String name =
                reference.contains("@")
                        ? reference.substring(0, reference.indexOf('@'))
                        : reference;
        int colon = name.lastIndexOf(':');
        return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
    }

    private static Pattern glob(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString());
    }
}

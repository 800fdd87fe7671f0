package dev.coracle.nodeagent.image;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The images this node knows. Thread-safe; {@code images.d} is read again at every look-up. */
public final class ImageStore {

    private static final Logger log = LoggerFactory.getLogger(ImageStore.class);

    private final Path imagesFolder;
    private final Image echo;
    private final Image host =
            new Image("coracle/host@builtin", List.of(), List.of(), Map.of(), "/", "", false);

    /**
     * A store with the built-in images.
     *
     * @param imagesFolder holds {@code *.yaml}; may be absent
     * @param echoCommand starts the echo program
     */
    public ImageStore(Path imagesFolder, List<String> echoCommand) {
        this.imagesFolder = imagesFolder;
        this.echo =
                new Image("coracle/echo@builtin", echoCommand, List.of(), Map.of(), "/", "", true);
    }

    /** The image that {@code reference} names; a tag or digest on a built-in one is ignored. */
    public Optional<Image> find(String reference) {
        String name = withoutTag(reference);
        if (name.equals("coracle/echo")) {
            return Optional.of(echo);
        }
        if (name.equals("coracle/host")) {
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

    /** What to tell somebody whose image is unknown. */
    public String howToAdd(String reference) {
        return "this node knows no image '"
                + reference
                + "': nothing is pulled here. Use coracle/echo or coracle/host, or put a file such"
                + " as "
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

package dev.coracle.nodeagent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coracle.nodeagent.image.ImageAddition;
import dev.coracle.nodeagent.image.ImageFolder;
import dev.coracle.nodeagent.image.ImageManifest;
import dev.coracle.nodeagent.image.ImageReference;
import dev.coracle.nodeagent.image.StoredImage;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Pulls images into the folder. Thread-safe; what several want at once is pulled once. */
public final class ImagePull implements ImageSource {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT = Duration.ofSeconds(30);

    private final ImageFolder folder;
    private final ImageAddition addition;
    private final String registry;
    private final HttpClient http;
    private final Map<Key, CompletableFuture<StoredImage>> running = new ConcurrentHashMap<>();

    private record Key(ImageReference image, List<RegistryLogin> logins) {}

    /**
     * Pulls into {@code folder}.
     *
     * @param registry of names that say none; empty if those are not to be pulled
     * @param trust whose certificates registries may have
     */
    public ImagePull(
            ImageFolder folder, ImageAddition addition, String registry, RegistryTrust trust)
            throws IOException {
        this.folder = folder;
        this.addition = addition;
        this.registry = registry;
        this.http =
                HttpClient.newBuilder()
                        .sslContext(trust.context())
                        .connectTimeout(CONNECT)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .build();
    }

    @Override
    public String registry() {
        return registry;
    }

    @Override
    public CompletableFuture<StoredImage> pull(ImageReference image, List<RegistryLogin> logins) {
        Key key = new Key(image.in(registry), List.copyOf(logins));
        CompletableFuture<StoredImage> mine = new CompletableFuture<>();
        CompletableFuture<StoredImage> before = running.putIfAbsent(key, mine);
        if (before != null) {
            return before;
        }
        Thread _ =
                Thread.ofVirtual()
                        .name("pull-" + image.path())
                        .start(() -> {
                            try {
                                StoredImage pulled = pullNow(key);
                                running.remove(key);
                                mine.complete(pulled);
                            } catch (IOException | RuntimeException e) {
                                running.remove(key);
                                mine.completeExceptionally(e);
                            }
                        });
        return mine;
    }

    private StoredImage pullNow(Key key) throws IOException {
        ImageReference image = key.image();
        try {
            List<RegistryLogin> users = key.logins();
            if (users.isEmpty()) {
                return pullAs(image, new RegistryClient(http, image, null));
            }
            for (int i = 0; ; i++) {
                try {
                    return pullAs(image, new RegistryClient(http, image, users.get(i)));
                } catch (RegistryClient.DeniedException e) {
                    if (i + 1 == users.size()) {
                        throw e;
                    }
                }
            }
        } catch (IOException e) {
            throw new IOException(
                    "failed to pull and unpack image \"" + image.text() + "\": " + e.getMessage(),
                    e);
        }
    }

    private StoredImage pullAs(ImageReference image, RegistryClient client) throws IOException {
        String what = image.digest().isEmpty() ? image.tag() : image.digest();
        byte[] manifest = client.manifest(what, ImageManifest.TYPES);
        String digest = digest(manifest);
        if (!image.digest().isEmpty() && !image.digest().equals(digest)) {
            throw new IOException(
                    "the manifest has the digest " + digest + ", but " + what + " was wanted");
        }
        Optional<StoredImage> known =
                folder.find(new ImageReference(image.host(), image.path(), "", digest));
        if (known.isPresent() && isNamed(known.get(), image)) {
            return known.get();
        }
        JsonNode node = JSON.readTree(new String(manifest, StandardCharsets.UTF_8));
        if (ImageManifest.isIndex(node)) {
            String chosen = ImageManifest.choose(node);
            byte[] mine = client.manifest(chosen, ImageManifest.TYPES);
            if (!digest(mine).equals(chosen)) {
                throw new IOException(
                        "the manifest has the digest "
                                + digest(mine)
                                + ", but "
                                + chosen
                                + " was wanted");
            }
            node = JSON.readTree(new String(mine, StandardCharsets.UTF_8));
        }
        return addition.add(
                blob -> client.blob(blob.digest()),
                ImageManifest.parts(node),
                image.tag().isEmpty() ? List.of() : List.of(image.named()),
                List.of(image.withDigest(digest)),
                true);
    }

    private static boolean isNamed(StoredImage known, ImageReference image) {
        return image.tag().isEmpty() || known.names().contains(image.named());
    }

    private static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

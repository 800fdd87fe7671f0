package dev.coracle.nodeagent.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** An image made of layers that a test writes, in the forms in which images travel. */
public final class TestImage {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Object> config = new LinkedHashMap<>();
    private final List<byte[]> layers = new ArrayList<>();
    private final boolean gzip;

    /** An image with no layers yet, which are compressed in layouts if {@code gzip}. */
    public TestImage(boolean gzip) {
        this.gzip = gzip;
    }

    /** Sets a field of the config's own config. */
    public TestImage config(String field, Object value) {
        config.put(field, value);
        return this;
    }

    public TestImage layer(Layer layer) {
        layers.add(layer.bytes());
        return this;
    }

    /** The parts of the image by digest; the manifest is the last. */
    public Map<String, byte[]> blobs() throws IOException {
        Map<String, byte[]> blobs = new LinkedHashMap<>();
        List<Object> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            byte[] stored = gzip ? gzipped(layer) : layer;
            blobs.put(VerifiedStream.digest(stored), stored);
            descriptors.add(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", stored));
        }
        byte[] json = configJson();
        blobs.put(VerifiedStream.digest(json), json);
        byte[] manifest =
                json(
                        Map.of(
                                "schemaVersion",
                                2,
                                "mediaType",
                                "application/vnd.oci.image.manifest.v1+json",
                                "config",
                                descriptor("application/vnd.oci.image.config.v1+json", json),
                                "layers",
                                descriptors));
        blobs.put(VerifiedStream.digest(manifest), manifest);
        return blobs;
    }

    /** The digest of the manifest. */
    public String digest() throws IOException {
        return List.copyOf(blobs().keySet()).getLast();
    }

    /** The digest of the config. */
    public String id() throws IOException {
        return VerifiedStream.digest(configJson());
    }

    /** Writes an OCI layout. */
    public Path writeLayout(Path file, String name) throws IOException {
        Layer archive = new Layer();
        for (Map.Entry<String, byte[]> blob : blobs().entrySet()) {
            archive.file("blobs/" + blob.getKey().replace(':', '/'), blob.getValue());
        }
        Map<String, Object> manifest = new LinkedHashMap<>();
        byte[] last = List.copyOf(blobs().values()).getLast();
        manifest.putAll(descriptor("application/vnd.oci.image.manifest.v1+json", last));
        manifest.put("annotations", Map.of("org.opencontainers.image.ref.name", name));
        archive.file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        archive.file("index.json", json(Map.of("manifests", List.of(manifest))));
        return Files.write(file, archive.bytes());
    }

    /** Writes what {@code docker save} writes. */
    public Path writeSaved(Path file, String name) throws IOException {
        Layer archive = new Layer();
        String hex = id().substring(7);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            names.add("l" + i + "/layer.tar");
            archive.file(names.getLast(), layers.get(i));
        }
        archive.file(hex + ".json", configJson());
        archive.file(
                "manifest.json",
                json(
                        List.of(
                                Map.of(
                                        "Config",
                                        hex + ".json",
                                        "RepoTags",
                                        List.of(name),
                                        "Layers",
                                        names))));
        return Files.write(file, archive.bytes());
    }

    private byte[] configJson() throws JsonProcessingException {
        return json(
                Map.of(
                        "os",
                        "linux",
                        "architecture",
                        Platform.architecture(),
                        "config",
                        config,
                        "rootfs",
                        Map.of(
                                "type",
                                "layers",
                                "diff_ids",
                                layers.stream().map(VerifiedStream::digest).toList())));
    }

    private static Map<String, Object> descriptor(String type, byte[] bytes) {
        Map<String, Object> descriptor = new LinkedHashMap<>();
        descriptor.put("mediaType", type);
        descriptor.put("digest", VerifiedStream.digest(bytes));
        descriptor.put("size", bytes.length);
        return descriptor;
    }

    private static byte[] json(Object value) throws JsonProcessingException {
        return JSON.writeValueAsBytes(value);
    }

    private static byte[] gzipped(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    /** A tar archive whose files belong to whoever runs the test. */
    public static final class Layer {

        private static final long MTIME = 1_700_000_000_000L;

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final TarArchiveOutputStream tar = new TarArchiveOutputStream(out, "UTF-8");

        public Layer() {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        }

        public Layer file(String name, String content) throws IOException {
            return file(name, content.getBytes(StandardCharsets.UTF_8));
        }

        public Layer file(String name, byte[] content) throws IOException {
            TarArchiveEntry entry = new TarArchiveEntry(name, true);
            entry.setMode(0100755);
            entry.setSize(content.length);
            put(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        }

        public Layer folder(String name) throws IOException {
            TarArchiveEntry entry = new TarArchiveEntry(name + "/", true);
            put(entry);
            tar.closeArchiveEntry();
            return this;
        }

        /** A link: {@code type} is one of the constants of tar. */
        public Layer link(String name, byte type, String target) throws IOException {
            TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
            entry.setLinkName(target);
            put(entry);
            tar.closeArchiveEntry();
            return this;
        }

        private void put(TarArchiveEntry entry) throws IOException {
            Path own = Path.of("/proc/self");
            entry.setUserId((int) Files.getAttribute(own, "unix:uid"));
            entry.setGroupId((int) Files.getAttribute(own, "unix:gid"));
            entry.setModTime(MTIME);
            tar.putArchiveEntry(entry);
        }

        byte[] bytes() {
            try {
                tar.finish();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            return out.toByteArray();
        }
    }
}

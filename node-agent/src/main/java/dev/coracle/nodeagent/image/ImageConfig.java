package dev.coracle.nodeagent.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of an OCI image config that a process needs, and the digests of the image's layers
 * when they are not compressed.
 *
 * @param user as in the config: names or numbers, or empty
 * @param workingDirectory absolute
 * @param stopSignal as in the config, or empty
 */
public record ImageConfig(
        List<String> entrypoint,
        List<String> cmd,
        Map<String, String> env,
        String workingDirectory,
        String user,
        String stopSignal,
        List<String> diffIds) {

    private static final ObjectMapper JSON = new ObjectMapper();

    public ImageConfig {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = Map.copyOf(env);
        diffIds = List.copyOf(diffIds);
    }

    /** Reads the config of an image. */
    static ImageConfig parse(byte[] json) throws IOException {
        JsonNode root = JSON.readTree(json);
        String os = root.path("os").asText("linux");
        String machine = root.path("architecture").asText("");
        if (!os.equals("linux")
                || !(machine.isEmpty() || machine.equals(Platform.architecture()))) {
            throw new IOException(
                    "the image is for "
                            + os
                            + "/"
                            + machine
                            + ", this node is linux/"
                            + Platform.architecture());
        }
        JsonNode config = root.path("config");
        Map<String, String> env = new LinkedHashMap<>();
        for (String each : texts(config.path("Env"))) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                env.put(each.substring(0, equals), each.substring(equals + 1));
            }
        }
        String folder = config.path("WorkingDir").asText("");
        return new ImageConfig(
                texts(config.path("Entrypoint")),
                texts(config.path("Cmd")),
                env,
                folder.startsWith("/") ? folder : "/" + folder,
                config.path("User").asText(""),
                config.path("StopSignal").asText(""),
                texts(root.path("rootfs").path("diff_ids")));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.asText()));
        return texts;
    }
}

package dev.coracle.nodeagent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coracle.nodeagent.image.ImageReference;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The logins in Secrets of the types dockerconfigjson and dockercfg. Pure. */
public final class PullSecrets {

    private static final ObjectMapper JSON = new ObjectMapper();

    private PullSecrets() {}

    /**
     * The logins that are for an image's registry, the one for the longest path first.
     *
     * @param registry used by names without one
     */
    public static List<RegistryLogin> logins(
            List<Secret> secrets, ImageReference image, String registry) {
        ImageReference wanted = image.in(registry);
        List<Entry> entries = new ArrayList<>();
        for (Secret secret : secrets) {
            Map<String, String> data = secret.getData();
            if (data == null) {
                continue;
            }
            read(data.get(".dockerconfigjson"), true, entries);
            read(data.get(".dockercfg"), false, entries);
        }
        return entries.stream()
                .filter(entry -> entry.isFor(wanted))
                .sorted(Comparator.comparingInt((Entry e) -> e.place().length()).reversed())
                .map(Entry::login)
                .distinct()
                .toList();
    }

    /** A host and perhaps a path, and who one is there. */
    private record Entry(String place, RegistryLogin login) {

        boolean isFor(ImageReference image) {
            String[] parts = place.split("/", 2);
            String host = parts[0].equals("index.docker.io") ? "docker.io" : parts[0];
            boolean path =
                    parts.length == 1
                            || parts[1].isEmpty()
                            || image.path().equals(parts[1])
                            || image.path().startsWith(parts[1] + "/");
            return path && pattern(host).matcher(image.host()).matches();
        }

        /** A star stands for one part of a host name. */
        private static Pattern pattern(String host) {
            return Pattern.compile(Pattern.quote(host).replace("*", "\\E[^.:]*\\Q"));
        }
    }

    private static void read(
            @org.jspecify.annotations.Nullable String base64, boolean nested, List<Entry> entries) {
        if (base64 == null) {
            return;
        }
        try {
            JsonNode root = JSON.readTree(Base64.getDecoder().decode(base64));
            JsonNode auths = nested ? root.path("auths") : root;
            auths.properties().forEach(each -> entry(each.getKey(), each.getValue(), entries));
        } catch (java.io.IOException | IllegalArgumentException _) {
            // no login in it; the API server has checked what it can
        }
    }

    private static void entry(String place, JsonNode auth, List<Entry> entries) {
        String user = auth.path("username").asText("");
        String password = auth.path("password").asText("");
        if (user.isEmpty() && auth.has("auth")) {
            String[] both =
                    new String(
                                    Base64.getDecoder().decode(auth.path("auth").asText()),
                                    StandardCharsets.UTF_8)
                            .split(":", 2);
            user = both[0];
            password = both.length > 1 ? both[1] : "";
        }
        String bare =
                place.replaceFirst("^https?://", "")
                        .replaceFirst("/v[12]/?$", "")
                        .replaceFirst("/$", "");
        if (!user.isEmpty()) {
            entries.add(new Entry(bare, new RegistryLogin(user, password)));
        }
    }
}

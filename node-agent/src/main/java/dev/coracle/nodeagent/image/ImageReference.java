package dev.coracle.nodeagent.image;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an image, by the grammar of the distribution project.
 *
 * @param host of the registry, with its port; empty if none is named
 * @param path of the repository there
 * @param tag {@code latest} if neither tag nor digest is named, empty if only a digest is
 * @param digest {@code sha256:...} or empty
 */
public record ImageReference(String host, String path, String tag, String digest) {

    private static final String HUB = "docker.io";
    private static final String HUB_FOLDER = "library/";
    private static final Pattern GRAMMAR =
            Pattern.compile("([^@]*?)(?::(\\w[\\w.-]{0,127}))?(?:@(.*))?");
    private static final Pattern HOST =
            Pattern.compile(
                    "[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:\\d+)?|\\[[0-9a-fA-F:]+](:\\d+)?");
    private static final Pattern PATH =
            Pattern.compile(
                    "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    /**
     * Takes a reference apart.
     *
     * @throws IllegalArgumentException if it is none, with what clients of Kubernetes are told
     */
    public static ImageReference parse(String text) {
        Matcher parts = GRAMMAR.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            throw invalid(text, "invalid reference format");
        }
        String name = parts.group(1);
        String digest = parts.group(3) == null ? "" : parts.group(3);
        String tag = parts.group(2) == null ? (digest.isEmpty() ? "latest" : "") : parts.group(2);
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean hasHost = first.contains(".") || first.contains(":") || first.equals("localhost");
        String host = hasHost ? first : "";
        String path = hasHost ? name.substring(slash + 1) : name;
        if (!PATH.matcher(path).matches()
                && !path.equals(path.toLowerCase(java.util.Locale.ROOT))) {
            throw invalid(
                    text,
                    "invalid reference format: repository name (" + path + ") must be lowercase");
        }
        if (!PATH.matcher(path).matches()
                || (hasHost && !HOST.matcher(host).matches())
                || (!digest.isEmpty() && !DIGEST.matcher(digest).matches())) {
            throw invalid(text, "invalid reference format");
        }
        return new ImageReference(host, path, tag, digest);
    }

    private static IllegalArgumentException invalid(String text, String why) {
        return new IllegalArgumentException("couldn't parse image name \"" + text + "\": " + why);
    }

    /** The same in a registry, if it names none. */
    public ImageReference in(String registry) {
        if (!host.isEmpty() || registry.isEmpty()) {
            return this;
        }
        String full = registry.equals(HUB) && !path.contains("/") ? HUB_FOLDER + path : path;
        return new ImageReference(registry, full, tag, digest);
    }

    /** Without tag and digest. */
    public String repository() {
        return host.isEmpty() ? path : host + "/" + path;
    }

    /** With its tag, or with its digest if it has none. */
    public String named() {
        return repository() + (tag.isEmpty() ? "@" + digest : ":" + tag);
    }

    /** With all it has. */
    public String text() {
        return repository()
                + (tag.isEmpty() ? "" : ":" + tag)
                + (digest.isEmpty() ? "" : "@" + digest);
    }

    /** The same repository, named by what it holds. */
    public String withDigest(String content) {
        return repository() + "@" + content;
    }

    /** Whether both name one repository: that of the hub may be named without its host. */
    boolean isSameRepository(ImageReference other) {
        return shortest().equals(other.shortest());
    }

    private String shortest() {
        if (!host.isEmpty() && !host.equals(HUB)) {
            return repository();
        }
        return path.startsWith(HUB_FOLDER) ? path.substring(HUB_FOLDER.length()) : path;
    }
}

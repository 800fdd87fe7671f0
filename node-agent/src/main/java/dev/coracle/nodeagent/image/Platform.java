package dev.coracle.nodeagent.image;

/** What programs this machine runs, as image indexes name it. */
final class Platform {

    private Platform() {}

    static String architecture() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> name;
        };
    }
}

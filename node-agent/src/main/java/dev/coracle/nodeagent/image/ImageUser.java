package dev.coracle.nodeagent.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who an image's processes are, by its own {@code /etc/passwd} and {@code /etc/group}.
 *
 * @param groups that have the user as a member
 * @param home of the user
 */
record ImageUser(long uid, long gid, List<Long> groups, String home) {

    ImageUser {
        groups = List.copyOf(groups);
    }

    /**
     * Looks a user up.
     *
     * @param user {@code user[:group]}, each a name or a number; empty for root
     * @throws IOException if a name is unknown
     */
    static ImageUser find(Path root, String user) throws IOException {
        String[] parts = (user.isEmpty() ? "0" : user).split(":", 2);
        Optional<List<String>> known = line(root, "/etc/passwd", parts[0]);
        if (known.isEmpty() && !isNumber(parts[0])) {
            throw new IOException(
                    "unable to find user " + parts[0] + ": no matching entries in passwd file");
        }
        long uid = isNumber(parts[0]) ? number(parts[0]) : number(known.orElseThrow().get(2));
        long gid = known.map(fields -> number(fields.get(3))).orElse(0L);
        if (parts.length > 1 && !parts[1].isEmpty()) {
            Optional<List<String>> group = line(root, "/etc/group", parts[1]);
            if (group.isEmpty() && !isNumber(parts[1])) {
                throw new IOException(
                        "unable to find group " + parts[1] + ": no matching entries in group file");
            }
            gid = isNumber(parts[1]) ? number(parts[1]) : number(group.orElseThrow().get(2));
        }
        List<Long> groups = new ArrayList<>();
        if (known.isPresent()) {
            String name = known.get().getFirst();
            for (List<String> group : lines(root, "/etc/group", 4)) {
                if (List.of(group.get(3).split(",", -1)).contains(name)) {
                    groups.add(number(group.get(2)));
                }
            }
        }
        String home = known.filter(f -> f.size() > 5).map(f -> f.get(5)).orElse("/");
        return new ImageUser(uid, gid, groups, home);
    }

    /** The first line of that name, or of that number. */
    private static Optional<List<String>> line(Path root, String file, String key)
            throws IOException {
        int column = isNumber(key) ? 2 : 0;
        return lines(root, file, 4).stream()
                .filter(fields -> fields.get(column).equals(key))
                .findFirst();
    }

    private static List<List<String>> lines(Path root, String file, int columns)
            throws IOException {
        Path path = root.resolve(new RootPaths(root).resolve(file).substring(1));
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        return new String(Files.readAllBytes(path), StandardCharsets.UTF_8)
                .lines()
                .map(line -> List.of(line.split(":", -1)))
                .filter(fields -> fields.size() >= columns && isNumber(fields.get(2)))
                .toList();
    }

    private static boolean isNumber(String text) {
        return text.matches("\\d{1,10}");
    }

    private static long number(String text) {
        return isNumber(text) ? Long.parseLong(text) : 0;
    }
}

package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which users and groups processes of this user namespace can become.
 *
 * @param users those that exist here
 * @param groups the same of groups
 * @param groupsCanBeSet whether a process can be given supplementary groups
 */
public record UserIds(List<Range> users, List<Range> groups, boolean groupsCanBeSet) {

    private static final long ALL = 4294967295L;
    private static final UserIds HERE = read(Path.of("/proc/self"));

    public UserIds {
        users = List.copyOf(users);
        groups = List.copyOf(groups);
    }

    /** Ids that follow each other. */
    public record Range(long first, long count) {
        boolean contains(long id) {
            return id >= first && id - first < count;
        }
    }

    /** Of this process, as they were when it began. */
    public static UserIds here() {
        return HERE;
    }

    /** Whether every id exists, as outside of any user namespace. */
    public boolean isWhole() {
        return users.equals(List.of(new Range(0, ALL)));
    }

    /**
     * Why a process cannot become this user; empty if it can.
     *
     * @param user numeric {@code uid} or {@code uid:gid}, or empty for root
     * @param supplementary groups besides
     */
    public Optional<String> refusal(String user, List<Long> supplementary) {
        if (isWhole()) {
            return Optional.empty();
        }
        String[] ids = (user.isEmpty() ? "0:0" : user).split(":", 2);
        String group = ids.length > 1 ? ids[1] : ids[0];
        if (!isIn(users, ids[0])) {
            return Optional.of("user " + ids[0] + has(users));
        }
        if (!isIn(groups, group)) {
            return Optional.of("group " + group + has(groups));
        }
        for (Long each : supplementary) {
            if (!groupsCanBeSet || !isIn(groups, each.toString())) {
                return Optional.of("supplementary group " + each + has(groups));
            }
        }
        return Optional.empty();
    }

    private static String has(List<Range> ranges) {
        List<String> texts = new ArrayList<>();
        for (Range range : ranges) {
            texts.add(
                    range.count() == 1
                            ? "" + range.first()
                            : range.first() + " to " + (range.first() + range.count() - 1));
        }
        return ": the user namespace of this cluster has " + String.join(", ", texts) + " only";
    }

    private static boolean isIn(List<Range> ranges, String id) {
        return id.matches("\\d{1,10}")
                && ranges.stream().anyMatch(range -> range.contains(Long.parseLong(id)));
    }

    static UserIds read(Path process) {
        try {
            Path denied = process.resolve("setgroups");
            return new UserIds(
                    ranges(Files.readAllLines(process.resolve("uid_map"))),
                    ranges(Files.readAllLines(process.resolve("gid_map"))),
                    !Files.exists(denied) || !Files.readString(denied).strip().equals("deny"));
        } catch (IOException _) {
            // a kernel without user namespaces
            return new UserIds(List.of(new Range(0, ALL)), List.of(new Range(0, ALL)), true);
        }
    }

    private static List<Range> ranges(List<String> map) {
        List<Range> ranges = new ArrayList<>();
        for (String line : map) {
            String[] words = line.strip().split("\\s+", -1);
            ranges.add(new Range(Long.parseLong(words[0]), Long.parseLong(words[2])));
        }
        return ranges;
    }
}

package dev.coracle.apiserver.registry.batch;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The syntax of a CronJob's schedule: five fields of numbers, names, ranges, steps and lists, or a
 * descriptor such as {@code @hourly}.
 */
final class CronSchedule {

    private static final Map<String, Integer> MONTHS =
            names("jan feb mar apr may jun jul aug sep oct nov dec", 1);
    private static final Map<String, Integer> DAYS = names("sun mon tue wed thu fri sat", 0);

    private record Field(int least, int most, Map<String, Integer> names) {}

    private static final List<Field> FIELDS =
            List.of(
                    new Field(0, 59, Map.of()),
                    new Field(0, 23, Map.of()),
                    new Field(1, 31, Map.of()),
                    new Field(1, 12, MONTHS),
                    new Field(0, 6, DAYS));

    private static final List<String> DESCRIPTORS =
            List.of(
                    "@yearly",
                    "@annually",
                    "@monthly",
                    "@weekly",
                    "@daily",
                    "@midnight",
                    "@hourly");

    private CronSchedule() {}

    /** What is wrong with a schedule, or null. */
    static @Nullable String check(String schedule) {
        if (schedule.startsWith("@")) {
            return descriptor(schedule);
        }
        String[] fields = schedule.strip().split("\\s+");
        if (fields.length != FIELDS.size()) {
            return "expected exactly 5 fields, found "
                    + fields.length
                    + ": ["
                    + String.join(" ", fields)
                    + "]";
        }
        for (int i = 0; i < fields.length; i++) {
            for (String part : fields[i].split(",", -1)) {
                @Nullable String wrong = part(part, FIELDS.get(i));
                if (wrong != null) {
                    return wrong;
                }
            }
        }
        return null;
    }

    private static @Nullable String descriptor(String text) {
        if (text.startsWith("@every ")) {
            return text.substring(7).matches("([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+")
                    ? null
                    : "failed to parse duration " + text;
        }
        return DESCRIPTORS.contains(text) ? null : "unrecognized descriptor: " + text;
    }

    private static @Nullable String part(String text, Field field) {
        String[] rangeAndStep = text.split("/", -1);
        if (rangeAndStep.length > 2) {
            return "too many slashes: " + text;
        }
        String[] bounds = rangeAndStep[0].split("-", -1);
        if (bounds.length > 2) {
            return "too many hyphens: " + text;
        }
        int start = field.least();
        int end = field.most();
        if (!bounds[0].equals("*") && !bounds[0].equals("?")) {
            start = number(bounds[0], field);
            end = bounds.length == 2 ? number(bounds[1], field) : start;
            if (start < 0 || end < 0) {
                return "failed to parse int from " + bounds[start < 0 ? 0 : 1];
            }
            if (bounds.length == 1 && rangeAndStep.length == 2) {
                end = field.most();
            }
        }
        if (start < field.least()) {
            return "beginning of range ("
                    + start
                    + ") below minimum ("
                    + field.least()
                    + "): "
                    + text;
        } else if (end > field.most()) {
            return "end of range (" + end + ") above maximum (" + field.most() + "): " + text;
        } else if (start > end) {
            return "beginning of range (" + start + ") beyond end of range (" + end + "): " + text;
        }
        if (rangeAndStep.length == 2) {
            int step = number(rangeAndStep[1], new Field(0, 0, Map.of()));
            if (step < 0) {
                return "failed to parse int from " + rangeAndStep[1];
            } else if (step == 0) {
                return "step of range should be a positive number: " + text;
            }
        }
        return null;
    }

    /** A number or name; -1 for neither. */
    private static int number(String text, Field field) {
        Integer named = field.names().get(text.toLowerCase(Locale.ROOT));
        if (named != null) {
            return named;
        }
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
    }

    private static Map<String, Integer> names(String list, int first) {
        List<String> all = Arrays.asList(list.split(" ", -1));
        return all.stream()
                .collect(
                        java.util.stream.Collectors.toUnmodifiableMap(
                                name -> name, name -> all.indexOf(name) + first));
    }
}

package dev.coracle.controllers.job;

import java.util.NavigableSet;
import java.util.StringJoiner;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Sets of completion indexes in the API's notation: {@code 1,3-5,7}. */
final class Indexes {

    private Indexes() {}

    static NavigableSet<Integer> parse(@Nullable String text) {
        NavigableSet<Integer> indexes = new TreeSet<>();
        if (text == null || text.isEmpty()) {
            return indexes;
        }
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(part.substring(dash + 1));
            for (int index = first; index <= last; index++) {
                indexes.add(index);
            }
        }
        return indexes;
    }

    static String format(NavigableSet<Integer> indexes) {
        StringJoiner text = new StringJoiner(",");
        Integer first = null;
        Integer last = null;
        for (Integer index : indexes) {
            if (first == null || last == null) {
                first = index;
            } else if (index != last + 1) {
                text.add(range(first, last));
                first = index;
            }
            last = index;
        }
        if (first != null && last != null) {
            text.add(range(first, last));
        }
        return text.toString();
    }

    /** Two neighbours are written apart, as upstream does. */
    private static String range(int first, int last) {
        if (first == last) {
            return Integer.toString(first);
        }
        return first + (last == first + 1 ? "," : "-") + last;
    }
}

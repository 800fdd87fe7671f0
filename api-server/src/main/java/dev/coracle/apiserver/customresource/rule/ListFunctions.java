package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.SimpleType;
import java.time.Duration;
import java.util.List;

/**
 * {@code isSorted}, {@code sum}, {@code min}, {@code max}, {@code indexOf}, {@code lastIndexOf}.
 */
final class ListFunctions {

    private ListFunctions() {}

    static FunctionTable table() {
        return new FunctionTable()
                .member("isSorted", SimpleType.BOOL, Arguments.LIST, ListFunctions::isSorted)
                .member("sum", Arguments.ITEM, Arguments.LIST, ListFunctions::sum)
                .member("min", Arguments.ITEM, Arguments.LIST, list -> extreme(list, -1, "min"))
                .member("max", Arguments.ITEM, Arguments.LIST, list -> extreme(list, 1, "max"))
                .member(
                        "indexOf",
                        SimpleType.INT,
                        Arguments.LIST,
                        Arguments.ANY_ITEM,
                        (list, item) -> (long) list.indexOf(item))
                .member(
                        "lastIndexOf",
                        SimpleType.INT,
                        Arguments.LIST,
                        Arguments.ANY_ITEM,
                        (list, item) -> (long) list.lastIndexOf(item));
    }

    private static boolean isSorted(List<?> list) {
        for (int i = 1; i < list.size(); i++) {
            if (compare(list.get(i - 1), list.get(i)) > 0) {
                return false;
            }
        }
        return true;
    }

    private static Object extreme(List<?> list, int sign, String name) {
        if (list.isEmpty()) {
            throw new CelInvalidArgumentException(name + " called on empty list");
        }
        Object best = list.getFirst();
        for (Object each : list) {
            if (compare(each, best) * sign > 0) {
                best = each;
            }
        }
        return best;
    }

    private static Object sum(List<?> list) {
        if (list.isEmpty()) {
            return 0L;
        }
        return switch (list.getFirst()) {
            case Double _ -> list.stream().mapToDouble(each -> ((Number) each).doubleValue()).sum();
            case Duration _ ->
                    list.stream().map(Duration.class::cast).reduce(Duration.ZERO, Duration::plus);
            default -> {
                long sum = 0;
                for (Object each : list) {
                    if (!(each instanceof Number number)) {
                        throw new CelInvalidArgumentException("no such overload: sum");
                    }
                    sum = Math.addExact(sum, number.longValue());
                }
                yield sum;
            }
        };
    }

    @SuppressWarnings("unchecked")
    private static int compare(Object one, Object other) {
        if (one instanceof Comparable<?> comparable && one.getClass().equals(other.getClass())) {
            return ((Comparable<Object>) comparable).compareTo(other);
        }
        throw new CelInvalidArgumentException("no such overload: the items cannot be compared");
    }
}

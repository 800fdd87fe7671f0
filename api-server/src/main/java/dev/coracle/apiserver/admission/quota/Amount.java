package dev.coracle.apiserver.admission.quota;

import dev.coracle.apiserver.registry.validation.Quantities;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A quantity that can be added to others and written again in its canonical form
 * (k8s.io/apimachinery/pkg/api/resource).
 *
 * @param binary whether it is written in powers of 1024
 */
record Amount(BigDecimal value, boolean binary) {

    static final Amount ZERO = new Amount(BigDecimal.ZERO, false);
    static final Amount ONE = new Amount(BigDecimal.ONE, false);

    private static final Pattern BINARY = Pattern.compile(".*[KMGTPE]i");
    private static final List<String> BINARY_SUFFIXES =
            List.of("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei");
    private static final List<String> DECIMAL_SUFFIXES =
            List.of("n", "u", "m", "", "k", "M", "G", "T", "P", "E");
    private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
    private static final BigDecimal KIBI = BigDecimal.valueOf(1024);

    /** Zero for a text that is none. */
    static Amount parse(String text) {
        return new Amount(
                Quantities.parse(text).orElse(BigDecimal.ZERO), BINARY.matcher(text).matches());
    }

    static Amount of(long count) {
        return new Amount(BigDecimal.valueOf(count), false);
    }

    /** The quantities of an object such as {@code {"cpu": "500m"}}, by name. */
    static Map<String, Amount> all(JsonNode quantities) {
        Map<String, Amount> amounts = new TreeMap<>();
        quantities
                .properties()
                .forEach(
                        entry -> amounts.put(entry.getKey(), parse(entry.getValue().asString(""))));
        return amounts;
    }

    /** Adds {@code more} to what {@code sum} has. */
    static void add(Map<String, Amount> sum, Map<String, Amount> more) {
        more.forEach((name, amount) -> sum.merge(name, amount, Amount::plus));
    }

    /** {@code cpu=500m,pods=2}, as the messages of the quota plugin. */
    static String text(Map<String, Amount> amounts) {
        return new TreeMap<>(amounts)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(","));
    }

    Amount plus(Amount other) {
        return new Amount(value.add(other.value), value.signum() == 0 ? other.binary : binary);
    }

    Amount minus(Amount other) {
        return new Amount(value.subtract(other.value), value.signum() == 0 ? other.binary : binary);
    }

    boolean isMoreThan(Amount other) {
        return value.compareTo(other.value) > 0;
    }

    static Amount max(Amount a, Amount b) {
        return b.isMoreThan(a) ? b : a;
    }

    /** The canonical form. */
    @Override
    public String toString() {
        return binary && value.abs().compareTo(KIBI) >= 0
                ? written(value.setScale(0, RoundingMode.UP), KIBI, BINARY_SUFFIXES)
                : written(
                        value.setScale(9, RoundingMode.UP).movePointRight(9),
                        THOUSAND,
                        DECIMAL_SUFFIXES);
    }

    /** The greatest suffix of which it is a whole multiple. */
    private static String written(BigDecimal number, BigDecimal step, List<String> suffixes) {
        if (number.signum() == 0) {
            return "0";
        }
        BigDecimal rest = number;
        int suffix = 0;
        while (suffix < suffixes.size() - 1 && rest.remainder(step).signum() == 0) {
            rest = rest.divideToIntegralValue(step);
            suffix++;
        }
        return rest.toBigInteger() + suffixes.get(suffix);
    }
}

package dev.coracle.apiserver.registry.validation;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Quantities such as {@code 500m}, {@code 2} and {@code 64Mi}
 * (k8s.io/apimachinery/pkg/api/resource).
 */
public final class Quantities {

    /** What upstream says of a text that is none. */
    public static final String EXPECTED =
            "quantities must match the regular expression"
                    + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private static final Pattern FORM =
            Pattern.compile("([+-]?(?:[0-9]{1,40}\\.?[0-9]{0,40}|\\.[0-9]{1,40}))(.*)");
    private static final Pattern EXPONENT = Pattern.compile("[eE]([+-]?[0-9]{1,3})");
    private static final Map<String, BigDecimal> SUFFIXES =
            Map.ofEntries(
                    Map.entry("", BigDecimal.ONE),
                    Map.entry("n", BigDecimal.ONE.scaleByPowerOfTen(-9)),
                    Map.entry("u", BigDecimal.ONE.scaleByPowerOfTen(-6)),
                    Map.entry("m", BigDecimal.ONE.scaleByPowerOfTen(-3)),
                    Map.entry("k", BigDecimal.ONE.scaleByPowerOfTen(3)),
                    Map.entry("M", BigDecimal.ONE.scaleByPowerOfTen(6)),
                    Map.entry("G", BigDecimal.ONE.scaleByPowerOfTen(9)),
                    Map.entry("T", BigDecimal.ONE.scaleByPowerOfTen(12)),
                    Map.entry("P", BigDecimal.ONE.scaleByPowerOfTen(15)),
                    Map.entry("E", BigDecimal.ONE.scaleByPowerOfTen(18)),
                    Map.entry("Ki", BigDecimal.valueOf(1024)),
                    Map.entry("Mi", BigDecimal.valueOf(1024).pow(2)),
                    Map.entry("Gi", BigDecimal.valueOf(1024).pow(3)),
                    Map.entry("Ti", BigDecimal.valueOf(1024).pow(4)),
                    Map.entry("Pi", BigDecimal.valueOf(1024).pow(5)),
                    Map.entry("Ei", BigDecimal.valueOf(1024).pow(6)));

    private Quantities() {}

    public static Optional<BigDecimal> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        BigDecimal number = new BigDecimal(form.group(1));
        BigDecimal factor = SUFFIXES.get(form.group(2));
        if (factor != null) {
            return Optional.of(number.multiply(factor));
        }
        Matcher exponent = EXPONENT.matcher(form.group(2));
        return exponent.matches()
                ? Optional.of(number.scaleByPowerOfTen(Integer.parseInt(exponent.group(1))))
                : Optional.empty();
    }
}

package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coracle.apiserver.customresource.rule.FunctionTable.Argument;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A resource quantity such as {@code 500m}, and the functions on it. Equal by value. */
record Quantity(BigDecimal value) implements Comparable<Quantity> {

    private static final CelType TYPE = OpaqueType.create("kubernetes.Quantity");
    private static final Argument<Quantity> SELF = new Argument<>(TYPE, Quantity.class);
    private static final Pattern FORM =
            Pattern.compile(
                    "([+-]?(?:[0-9]{1,40}\\.?[0-9]{0,40}|\\.[0-9]{1,40}))"
                            + "(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]{1,3})?");
    private static final Map<String, Integer> DECIMAL =
            Map.of("n", -9, "u", -6, "m", -3, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18);
    private static final String BINARY = "KMGTPE";

    Quantity {
        value = value.stripTrailingZeros();
    }

    static Optional<Quantity> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        BigDecimal number = new BigDecimal(matcher.group(1));
        String suffix = matcher.group(2);
        if (suffix == null) {
            return Optional.of(new Quantity(number));
        } else if (suffix.endsWith("i")) {
            int power = 10 * (BINARY.indexOf(suffix.charAt(0)) + 1);
            return Optional.of(new Quantity(number.multiply(BigDecimal.TWO.pow(power))));
        } else if (suffix.length() > 1) {
            int exponent = Integer.parseInt(suffix.substring(1));
            return Optional.of(new Quantity(number.scaleByPowerOfTen(exponent)));
        }
        return Optional.of(new Quantity(number.scaleByPowerOfTen(DECIMAL.getOrDefault(suffix, 0))));
    }

    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }

    private boolean isInteger() {
        return value.scale() <= 0 && value.precision() - value.scale() <= 18;
    }

    private long asInteger() {
        if (!isInteger()) {
            throw new CelInvalidArgumentException("cannot convert value to integer");
        }
        return value.longValueExact();
    }

    static FunctionTable functions() {
        Argument<Long> number = Arguments.INT;
        return new FunctionTable()
                .global(
                        "quantity",
                        TYPE,
                        Arguments.TEXT,
                        text ->
                                parse(text)
                                        .orElseThrow(() ->
                                                new CelInvalidArgumentException(
                                                        "quantities must match the regular"
                                                                + " expression"
                                                                + " '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")))
                .global(
                        "isQuantity",
                        SimpleType.BOOL,
                        Arguments.TEXT,
                        text -> parse(text).isPresent())
                .member("sign", SimpleType.INT, SELF, one -> (long) one.value.signum())
                .member("isInteger", SimpleType.BOOL, SELF, Quantity::isInteger)
                .member("asInteger", SimpleType.INT, SELF, Quantity::asInteger)
                .member(
                        "asApproximateFloat",
                        SimpleType.DOUBLE,
                        SELF,
                        one -> one.value.doubleValue())
                .member(
                        "isGreaterThan",
                        SimpleType.BOOL,
                        SELF,
                        SELF,
                        (one, other) -> one.compareTo(other) > 0)
                .member(
                        "isLessThan",
                        SimpleType.BOOL,
                        SELF,
                        SELF,
                        (one, other) -> one.compareTo(other) < 0)
                .member(
                        "compareTo",
                        SimpleType.INT,
                        SELF,
                        SELF,
                        (one, other) -> (long) Integer.signum(one.compareTo(other)))
                .member(
                        "add",
                        TYPE,
                        SELF,
                        SELF,
                        (one, other) -> new Quantity(one.value.add(other.value)))
                .member(
                        "add",
                        TYPE,
                        SELF,
                        number,
                        (one, other) -> new Quantity(one.value.add(BigDecimal.valueOf(other))))
                .member(
                        "sub",
                        TYPE,
                        SELF,
                        SELF,
                        (one, other) -> new Quantity(one.value.subtract(other.value)))
                .member(
                        "sub",
                        TYPE,
                        SELF,
                        number,
                        (one, other) ->
                                new Quantity(one.value.subtract(BigDecimal.valueOf(other))));
    }
}

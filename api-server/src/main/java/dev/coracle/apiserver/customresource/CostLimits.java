package dev.coracle.apiserver.customresource;

import com.google.common.math.LongMath;
import dev.coracle.apiserver.customresource.rule.RuleCompiler;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/**
 * What the rules of a schema may cost in the worst case, each and together (apiextensions,
 * StaticEstimatedCostLimit and StaticEstimatedCRDCostLimit).
 */
final class CostLimits {

    /** No limit in the schema says how many values there can be. */
    static final long UNBOUNDED = Long.MAX_VALUE;

    private static final long PER_EXPRESSION = 10_000_000;
    private static final long PER_SCHEMA = 100_000_000;
    private static final int NAMED = 4;

    private record Expensive(String path, long cost) {}

    private final List<Expensive> expensive = new ArrayList<>();
    private long total;

    /** {@code most} values with at most {@code limit} entries each. */
    static long times(long most, JsonNode limit) {
        return most == UNBOUNDED || !limit.isIntegralNumber()
                ? UNBOUNDED
                : LongMath.saturatedMultiply(most, Math.max(0, limit.asLong(0)));
    }

    /** Checks a rule that is run for {@code most} values. */
    void check(RuleCompiler.Compiled rule, long most, String path, List<FieldError> errors) {
        check("rule", path + ".rule", LongMath.saturatedMultiply(rule.cost(), most), errors);
        if (rule.message() != null) {
            check("messageExpression", path + ".messageExpression", rule.messageCost(), errors);
        }
    }

    private void check(String what, String path, long cost, List<FieldError> errors) {
        if (cost > PER_EXPRESSION) {
            errors.add(
                    FieldError.forbidden(
                            path, exceeds("estimated " + what + " cost", cost, PER_EXPRESSION)));
        }
        total = LongMath.saturatedAdd(total, cost);
        if (cost >= PER_SCHEMA / 100) {
            expensive.add(new Expensive(path, cost));
        }
    }

    /** Checks what all rules cost together, for the schema at {@code path}. */
    void checkTotal(String path, List<FieldError> errors) {
        if (total <= PER_SCHEMA) {
            return;
        }
        expensive.stream()
                .sorted(Comparator.comparingLong(Expensive::cost).reversed())
                .limit(NAMED)
                .forEach(each ->
                        errors.add(
                                FieldError.forbidden(
                                        each.path(),
                                        "contributed to estimated rule cost total exceeding cost limit"
                                                + " for entire OpenAPIv3 schema")));
        errors.add(
                FieldError.forbidden(
                        path,
                        exceeds(
                                "x-kubernetes-validations estimated rule cost total for entire"
                                        + " OpenAPIv3 schema",
                                total,
                                PER_SCHEMA)));
    }

    private static String exceeds(String what, long cost, long limit) {
        double factor = (double) cost / limit;
        String times =
                factor > 100
                        ? "more than 100"
                        : String.format(Locale.ROOT, factor < 1.5 ? "%f" : "%.1f", factor);
        return what
                + " exceeds budget by factor of "
                + times
                + "x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength"
                + " where arrays, maps, and strings are declared)";
    }
}

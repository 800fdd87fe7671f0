package dev.coracle.apiserver.customresource.rule;

import com.google.common.math.LongMath;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.types.CelKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What calls cost: those of Kubernetes' libraries (apiserver/pkg/cel/library/cost.go) and those of
 * the language (cel-go, checker/cost.go). Everything not named costs one unit.
 */
final class FunctionCosts {

    private static final double TRAVERSAL = 0.1;
    private static final double REGEX = 0.25;

    private FunctionCosts() {}

    /**
     * A target or an argument of a call.
     *
     * @param cost of evaluating it
     * @param items what a list or map holds; null for other types
     * @param constant null when it is not spelled out
     */
    record Argument(
            long cost,
            Sizes size,
            CelKind kind,
            @Nullable Argument items,
            @Nullable CelConstant constant) {}

    record Call(
            String function, String overload, @Nullable Argument target, List<Argument> arguments) {

        Sizes size(int argument) {
            return arguments.get(argument).size();
        }

        long ofArguments() {
            long sum = 0;
            for (Argument argument : arguments) {
                sum = LongMath.saturatedAdd(sum, argument.cost());
            }
            return sum;
        }
    }

    /**
     * @param cost with the arguments', without the target's
     * @param result the size of what comes out; null when it is not known
     */
    record Estimate(long cost, @Nullable Sizes result) {}

    static Estimate of(Call call) {
        Estimate added = library(call);
        if (added != null) {
            return new Estimate(
                    LongMath.saturatedAdd(added.cost(), call.ofArguments()), added.result());
        }
        return language(call);
    }

    private static @Nullable Estimate library(Call call) {
        Argument target = call.target();
        if (target != null) {
            return member(call, target);
        }
        return call.function().equals("url")
                ? new Estimate(call.size(0).maxTimes(TRAVERSAL), null)
                : null;
    }

    private static @Nullable Estimate member(Call call, Argument target) {
        Sizes size = target.size();
        return switch (call.function()) {
            case "isSorted", "sum", "max", "min", "indexOf", "lastIndexOf" -> scan(target);
            case "format" -> new Estimate(size.maxTimes(TRAVERSAL), null);
            case "lowerAscii", "upperAscii", "substring", "trim" ->
                    new Estimate(size.maxTimes(TRAVERSAL), size);
            case "replace" ->
                    call.arguments().size() < 2
                            ? null
                            : new Estimate(
                                    size.maxTimes(2 * TRAVERSAL),
                                    replaced(size, call.size(0), call.size(1)));
            case "split" ->
                    new Estimate(size.maxTimes(2 * TRAVERSAL), new Sizes(0, parts(call, size)));
            case "join" -> join(call, target);
            case "find", "findAll" ->
                    new Estimate(matching(size, call.size(0)), new Sizes(0, size.max()));
            case "containsIP" ->
                    new Estimate(LongMath.saturatedAdd(contains(32), parsed(call)), null);
            case "containsCIDR" ->
                    new Estimate(
                            LongMath.saturatedAdd(contains(32) + contains(16) + 1, parsed(call)),
                            null);
            default -> null;
        };
    }

    private static long contains(long bytes) {
        return Sizes.scale(bytes, TRAVERSAL);
    }

    /** A text has to be read first. */
    private static long parsed(Call call) {
        return call.arguments().getFirst().kind() == CelKind.STRING
                ? call.size(0).maxTimes(TRAVERSAL)
                : 0;
    }

    private static Estimate scan(Argument target) {
        Argument items = target.items();
        if (items == null) {
            return new Estimate(target.size().maxTimes(TRAVERSAL), null);
        }
        boolean texts = items.kind() == CelKind.STRING || items.kind() == CelKind.BYTES;
        long each = texts ? LongMath.saturatedAdd(1, items.size().maxTimes(TRAVERSAL)) : 1;
        return new Estimate(LongMath.saturatedMultiply(target.size().max(), each), null);
    }

    private static Sizes replaced(Sizes text, Sizes from, Sizes to) {
        long most;
        if (from.min() == 0) {
            most =
                    LongMath.saturatedAdd(
                            LongMath.saturatedMultiply(
                                    LongMath.saturatedAdd(text.max(), 1), to.max()),
                            text.max());
        } else if (to.max() <= from.min()) {
            most = text.max();
        } else {
            most = LongMath.saturatedMultiply(Math.ceilDiv(text.max(), from.min()), to.max());
        }
        long least;
        if (from.max() == 0) {
            least =
                    LongMath.saturatedAdd(
                            LongMath.saturatedMultiply(text.min() + 1, to.min()), text.min());
        } else if (from.max() <= to.min()) {
            least = text.min();
        } else {
            least = LongMath.saturatedMultiply(Math.ceilDiv(text.min(), from.max()), to.min());
        }
        return new Sizes(least, most);
    }

    private static long parts(Call call, Sizes text) {
        if (call.arguments().size() > 1) {
            CelConstant limit = call.arguments().get(1).constant();
            if (limit != null && limit.getKind() == CelConstant.Kind.INT64_VALUE) {
                // a negative one means all
                return limit.int64Value() < 0 ? Long.MAX_VALUE : limit.int64Value();
            }
        }
        return text.max();
    }

    private static Estimate join(Call call, Argument list) {
        Sizes size = list.items() == null ? Sizes.NONE : list.size().times(list.items().size());
        if (!call.arguments().isEmpty()) {
            Sizes separators =
                    new Sizes(
                            Math.max(0, list.size().min() - 1), Math.max(0, list.size().max() - 1));
            size = size.plus(call.size(0).times(separators));
        }
        return new Estimate(size.maxTimes(TRAVERSAL), size);
    }

    private static long matching(Sizes text, Sizes regex) {
        return LongMath.saturatedMultiply(
                text.plus(Sizes.exactly(1)).maxTimes(TRAVERSAL), regex.maxTimes(REGEX));
    }

    private static Estimate language(Call call) {
        long arguments = call.ofArguments();
        Argument target = call.target();
        return switch (call.overload()) {
            case "string_to_bytes" -> converted(call, 4, 1);
            case "bytes_to_string" -> converted(call, 1, 4);
            case "starts_with_string", "ends_with_string" ->
                    new Estimate(
                            LongMath.saturatedAdd(arguments, call.size(0).maxTimes(TRAVERSAL)),
                            null);
            case "in_list" ->
                    new Estimate(LongMath.saturatedAdd(arguments, call.size(1).max()), null);
            case "matches_string" ->
                    target == null
                            ? new Estimate(LongMath.saturatedAdd(arguments, 1), null)
                            : new Estimate(
                                    LongMath.saturatedAdd(
                                            arguments, matching(target.size(), call.size(0))),
                                    null);
            case "contains_string" -> {
                long product =
                        target == null
                                ? 1
                                : LongMath.saturatedMultiply(
                                        target.size().maxTimes(TRAVERSAL),
                                        call.size(0).maxTimes(TRAVERSAL));
                yield new Estimate(LongMath.saturatedAdd(arguments, product), null);
            }
            case "logical_or", "logical_and" -> new Estimate(arguments, null);
            case "conditional" ->
                    new Estimate(
                            LongMath.saturatedAdd(
                                    call.arguments().getFirst().cost(),
                                    Math.max(
                                            call.arguments().get(1).cost(),
                                            call.arguments().get(2).cost())),
                            call.size(1).or(call.size(2)));
            case "add_list" ->
                    new Estimate(
                            LongMath.saturatedAdd(arguments, 1), call.size(0).plus(call.size(1)));
            case "add_string", "add_bytes" -> {
                Sizes sum = call.size(0).plus(call.size(1));
                yield new Estimate(LongMath.saturatedAdd(arguments, sum.maxTimes(TRAVERSAL)), sum);
            }
            case "less_string",
                    "greater_string",
                    "less_equals_string",
                    "greater_equals_string",
                    "less_bytes",
                    "greater_bytes",
                    "less_equals_bytes",
                    "greater_equals_bytes",
                    "equals",
                    "not_equals" -> {
                long smaller = Math.min(call.size(0).max(), call.size(1).max());
                yield new Estimate(
                        LongMath.saturatedAdd(arguments, Sizes.scale(smaller, TRAVERSAL)), null);
            }
            default -> new Estimate(LongMath.saturatedAdd(arguments, 1), null);
        };
    }

    private static Estimate converted(Call call, long grows, long shrinks) {
        Sizes size = call.size(0);
        return new Estimate(
                LongMath.saturatedAdd(call.ofArguments(), size.maxTimes(TRAVERSAL)),
                new Sizes(size.min() / shrinks, LongMath.saturatedMultiply(size.max(), grows)));
    }
}

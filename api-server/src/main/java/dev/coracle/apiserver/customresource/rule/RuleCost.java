package dev.coracle.apiserver.customresource.rule;

import com.google.common.math.LongMath;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelReference;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.coracle.apiserver.customresource.rule.FunctionCosts.Argument;
import dev.coracle.apiserver.customresource.rule.FunctionCosts.Call;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an expression costs in the worst case, in the units of cel-go's checker: about 50 ns each.
 * Kubernetes refuses rules by this number, so it is counted as there (cel-go, checker/cost.go).
 *
 * <p>Confined to one estimate.
 */
final class RuleCost {

    private static final long LIST = 10;
    private static final long MAP = 30;
    private static final long STRUCT = 40;

    private final CelAbstractSyntaxTree tree;
    private final DeclaredSize self;
    // by expression: where its value is below self, its size, that of its entries
    private final Map<Long, List<String>> paths = new HashMap<>();
    private final Map<Long, Sizes> sizes = new HashMap<>();
    private final Map<Long, Entries> entries = new HashMap<>();
    private final Map<String, List<Local>> locals = new HashMap<>();

    /** The sizes of a container's keys and values. */
    record Entries(Sizes keys, Sizes values) {}

    /** A variable of a comprehension. */
    private record Local(List<String> path, @Nullable Sizes size, @Nullable Entries entries) {}

    private RuleCost(CelAbstractSyntaxTree tree, DeclaredSize self) {
        this.tree = tree;
        this.self = self;
    }

    /** The cost of a checked expression; {@code Long.MAX_VALUE} when it is beyond all measure. */
    static long of(CelAbstractSyntaxTree tree, DeclaredSize self) {
        return new RuleCost(tree, self).cost(tree.getExpr());
    }

    private long cost(CelExpr expression) {
        return switch (expression.getKind()) {
            case CONSTANT, NOT_SET -> 0;
            case IDENT -> ident(expression);
            case SELECT -> select(expression);
            case CALL -> call(expression);
            case LIST -> list(expression);
            case MAP -> map(expression);
            case STRUCT -> {
                long sum = STRUCT;
                for (CelExpr.CelStruct.Entry entry : expression.struct().entries()) {
                    sum = LongMath.saturatedAdd(sum, cost(entry.value()));
                }
                yield sum;
            }
            case COMPREHENSION -> comprehension(expression);
        };
    }

    private long ident(CelExpr expression) {
        String name = expression.ident().name();
        Local local = local(name);
        paths.put(expression.id(), local == null ? List.of(name) : local.path());
        return 1;
    }

    private long select(CelExpr expression) {
        CelExpr operand = expression.select().operand();
        long sum = cost(operand);
        if (!expression.select().testOnly()) {
            CelKind kind = type(operand).map(CelType::kind).orElse(CelKind.DYN);
            if (kind == CelKind.MAP || kind == CelKind.STRUCT || kind == CelKind.TYPE_PARAM) {
                sum = LongMath.saturatedAdd(sum, 1);
            }
            paths.put(expression.id(), below(operand, expression.select().field()));
        }
        return sum;
    }

    private long list(CelExpr expression) {
        long sum = LIST;
        Sizes items = null;
        for (CelExpr element : expression.list().elements()) {
            sum = LongMath.saturatedAdd(sum, cost(element));
            items = Sizes.union(items, sizeOrUnknown(element));
        }
        entries.put(
                expression.id(), new Entries(Sizes.exactly(1), items == null ? Sizes.NONE : items));
        return sum;
    }

    private long map(CelExpr expression) {
        long sum = MAP;
        Sizes keys = null;
        Sizes values = null;
        for (CelExpr.CelMap.Entry entry : expression.map().entries()) {
            sum =
                    LongMath.saturatedAdd(
                            sum, LongMath.saturatedAdd(cost(entry.key()), cost(entry.value())));
            keys = Sizes.union(keys, sizeOrUnknown(entry.key()));
            values = Sizes.union(values, sizeOrUnknown(entry.value()));
        }
        entries.put(
                expression.id(),
                new Entries(
                        keys == null ? Sizes.NONE : keys, values == null ? Sizes.NONE : values));
        return sum;
    }

    private long comprehension(CelExpr expression) {
        CelExpr.CelComprehension loop = expression.comprehension();
        CelExpr range = loop.iterRange();
        long sum = LongMath.saturatedAdd(cost(range), cost(loop.accuInit()));
        CelExpr start = loop.accuInit();
        push(loop.accuVar(), new Local(path(start), size(start), entriesOf(start)));
        Entries inRange = entriesOf(range);
        Sizes keys = inRange == null ? null : inRange.keys();
        Sizes values = inRange == null ? null : inRange.values();
        boolean overList = type(range).map(CelType::kind).orElse(CelKind.DYN) == CelKind.LIST;
        Local key = new Local(below(range, overList ? "@indices" : "@keys"), keys, null);
        Local value = new Local(below(range, overList ? "@items" : "@values"), values, null);
        boolean two = !loop.iterVar2().isEmpty();
        push(loop.iterVar(), two || !overList ? key : value);
        if (two) {
            push(loop.iterVar2(), value);
        }
        long step = LongMath.saturatedAdd(cost(loop.loopCondition()), cost(loop.loopStep()));
        pop(loop.iterVar());
        if (two) {
            pop(loop.iterVar2());
        }
        sum = LongMath.saturatedAdd(sum, cost(loop.result()));
        pop(loop.accuVar());
        Sizes count = sizeOrUnknown(range);
        switch (start.getKind()) {
            case CONSTANT -> keep(expression, size(start));
            case LIST, MAP -> {
                keep(expression, count);
                Entries made = entriesOf(loop.loopStep());
                if (made != null) {
                    entries.put(expression.id(), made);
                }
            }
            default -> {}
        }
        return LongMath.saturatedAdd(sum, LongMath.saturatedMultiply(count.max(), step));
    }

    private long call(CelExpr expression) {
        CelExpr.CelCall call = expression.call();
        if (call.function().equals("dyn")) {
            CelExpr argument = call.args().getFirst();
            long cost = LongMath.saturatedAdd(1, cost(argument));
            keep(expression, size(argument));
            Entries made = entriesOf(argument);
            if (made != null) {
                entries.put(expression.id(), made);
            }
            return cost;
        }
        List<Argument> arguments = new ArrayList<>();
        for (CelExpr argument : call.args()) {
            arguments.add(argument(argument, cost(argument)));
        }
        List<String> overloads =
                tree.getReference(expression.id()).map(CelReference::overloadIds).orElse(null);
        if (overloads == null || overloads.isEmpty()) {
            return 0;
        }
        Argument target = call.target().map(each -> argument(each, cost(each))).orElse(null);
        long most = 0;
        Sizes result = null;
        for (String overload : overloads) {
            FunctionCosts.Estimate estimate =
                    FunctionCosts.of(new Call(call.function(), overload, target, arguments));
            most = Math.max(most, estimate.cost());
            if (estimate.result() != null) {
                result = Sizes.union(result, estimate.result());
            }
            switch (overload) {
                case "index_list" -> result = index(expression, call, "@items", result);
                case "index_map" -> result = index(expression, call, "@values", result);
                case "conditional" -> branches(expression, call.args().subList(1, 3));
                case "add_list" -> branches(expression, call.args());
                default -> {}
            }
            result = result == null ? size(expression) : result;
        }
        keep(expression, result);
        return target == null ? most : LongMath.saturatedAdd(target.cost(), most);
    }

    private @Nullable Sizes index(
            CelExpr expression, CelExpr.CelCall call, String step, @Nullable Sizes otherwise) {
        CelExpr container = call.args().getFirst();
        paths.put(expression.id(), below(container, step));
        Entries known = entriesOf(container);
        return known == null ? otherwise : known.values();
    }

    /** The entries of a value that comes from one of two. */
    private void branches(CelExpr expression, List<CelExpr> from) {
        Entries one = entriesOf(from.getFirst());
        Entries other = entriesOf(from.getLast());
        if (one != null && other != null) {
            entries.put(
                    expression.id(),
                    new Entries(one.keys().or(other.keys()), one.values().or(other.values())));
        }
    }

    private Argument argument(CelExpr expression, long cost) {
        List<String> path = path(expression);
        CelType type = type(expression).orElse(null);
        Argument items = null;
        if (type != null && !type.parameters().isEmpty()) {
            // where the container is in the schema, its items are too
            Sizes each = path.isEmpty() ? null : declared(append(path, "@items"));
            items =
                    new Argument(
                            0,
                            each == null ? Sizes.UNKNOWN : each,
                            type.parameters().getFirst().kind(),
                            null,
                            null);
        }
        return new Argument(
                cost,
                sizeOrUnknown(expression),
                type == null ? CelKind.DYN : type.kind(),
                items,
                expression.getKind() == CelExpr.ExprKind.Kind.CONSTANT
                        ? expression.constant()
                        : null);
    }

    private Sizes sizeOrUnknown(CelExpr expression) {
        Sizes known = size(expression);
        return known == null ? Sizes.UNKNOWN : known;
    }

    private @Nullable Sizes size(CelExpr expression) {
        Sizes known = sizes.get(expression.id());
        if (known != null) {
            return known;
        }
        Sizes written = written(expression);
        if (written != null) {
            return written;
        }
        List<String> path = path(expression);
        Sizes declared = path.isEmpty() ? null : declared(path);
        if (declared != null) {
            sizes.put(expression.id(), declared);
            return declared;
        }
        if (type(expression).filter(RuleCost::isScalar).isPresent()) {
            return Sizes.exactly(1);
        }
        Local local =
                expression.getKind() == CelExpr.ExprKind.Kind.IDENT
                        ? local(expression.ident().name())
                        : null;
        return local == null ? null : local.size();
    }

    /** The size of what is spelled out. */
    private static @Nullable Sizes written(CelExpr expression) {
        return switch (expression.getKind()) {
            case CONSTANT -> constant(expression.constant());
            case LIST -> Sizes.exactly(expression.list().elements().size());
            case MAP -> Sizes.exactly(expression.map().entries().size());
            default -> null;
        };
    }

    private static Sizes constant(CelConstant constant) {
        return switch (constant.getKind()) {
            case STRING_VALUE -> {
                String text = constant.stringValue();
                yield Sizes.exactly(text.codePointCount(0, text.length()));
            }
            case BYTES_VALUE -> Sizes.exactly(constant.bytesValue().size());
            default -> Sizes.exactly(1);
        };
    }

    private static boolean isScalar(CelType type) {
        return switch (type.kind()) {
            case BOOL, DOUBLE, DURATION, INT, TIMESTAMP, UINT -> true;
            case OPAQUE ->
                    type.name().equals("optional_type") && isScalar(type.parameters().getFirst());
            default -> false;
        };
    }

    /** What the schema says of the value at a path. */
    private @Nullable Sizes declared(List<String> path) {
        DeclaredSize at = self;
        for (String step : path.subList(1, path.size())) {
            DeclaredSize next =
                    switch (step) {
                        case "@items", "@values" -> at.items();
                        case "@keys" -> at.keys();
                        default -> at.fields().get(step);
                    };
            if (next == null) {
                return null;
            }
            at = next;
        }
        return new Sizes(0, at.maxElements());
    }

    /** Where a value is, from self; empty when it is made by the expression. */
    private List<String> path(CelExpr expression) {
        List<String> path = paths.getOrDefault(expression.id(), List.of());
        if (expression.getKind() == CelExpr.ExprKind.Kind.IDENT) {
            Local local = local(expression.ident().name());
            path = local == null ? path : local.path();
        }
        boolean fromSelf =
                !path.isEmpty()
                        && (path.getFirst().equals("self") || path.getFirst().equals("oldSelf"));
        return fromSelf ? path : List.of();
    }

    private List<String> below(CelExpr expression, String step) {
        List<String> path = path(expression);
        return path.isEmpty() ? List.of() : append(path, step);
    }

    private static List<String> append(List<String> path, String step) {
        List<String> longer = new ArrayList<>(path);
        longer.add(step);
        return longer;
    }

    private @Nullable Entries entriesOf(CelExpr expression) {
        Entries known = entries.get(expression.id());
        if (known == null && expression.getKind() == CelExpr.ExprKind.Kind.IDENT) {
            Local local = local(expression.ident().name());
            return local == null ? null : local.entries();
        }
        return known;
    }

    private void keep(CelExpr expression, @Nullable Sizes size) {
        if (size != null) {
            sizes.put(expression.id(), size);
        }
    }

    private Optional<CelType> type(CelExpr expression) {
        return tree.getType(expression.id());
    }

    private void push(String name, Local local) {
        locals.computeIfAbsent(name, _ -> new ArrayList<>()).add(local);
    }

    private void pop(String name) {
        locals.getOrDefault(name, new ArrayList<>()).removeLast();
    }

    private @Nullable Local local(String name) {
        List<Local> stack = locals.get(name);
        return stack == null || stack.isEmpty() ? null : stack.getLast();
    }
}

package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.ast.CelExpr;
import dev.cel.runtime.CelEvaluationListener;

/**
 * Counts the steps of evaluations: one for each expression, more for long texts. Confined to one
 * validation.
 */
final class Budget implements CelEvaluationListener {

    /** For one rule on one value; upstream's PerCallLimit. */
    static final long PER_CALL = 1_000_000;

    /** For all rules of an object; upstream's RuntimeCELCostBudget. */
    static final long PER_OBJECT = 10_000_000;

    private long left = PER_OBJECT;
    private long leftForCall;

    /** A rule has used up what it may use. */
    static final class Exceeded extends RuntimeException {
        Exceeded() {
            super("actual cost limit exceeded", null, false, false);
        }
    }

    void startCall() {
        leftForCall = PER_CALL;
    }

    boolean isSpent() {
        return left <= 0;
    }

    /** Whether the last call went beyond its own limit. */
    boolean isCallSpent() {
        return leftForCall < 0;
    }

    @Override
    public void callback(CelExpr expression, Object result) {
        long cost = result instanceof String text ? 1 + text.length() / 10 : 1;
        left -= cost;
        leftForCall -= cost;
        if (left < 0 || leftForCall < 0) {
            throw new Exceeded();
        }
    }
}

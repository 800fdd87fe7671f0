package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.CelErrorCode;
import dev.cel.runtime.CelEvaluationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Evaluation errors in the words that users of Kubernetes know. */
final class EvaluationErrors {

    private static final Pattern PREFIX =
            Pattern.compile("^evaluation error( at [^:]*(:\\d+)*)?: ");
    private static final Pattern KEY = Pattern.compile("key '([^']*)'");

    private EvaluationErrors() {}

    static String text(Exception failure) {
        String message = String.valueOf(failure.getMessage());
        message = PREFIX.matcher(message).replaceFirst("");
        if (failure instanceof CelEvaluationException evaluation) {
            if (evaluation.getErrorCode() == CelErrorCode.ATTRIBUTE_NOT_FOUND) {
                Matcher key = KEY.matcher(message);
                return key.find() ? "no such key: " + key.group(1) : message;
            } else if (evaluation.getErrorCode() == CelErrorCode.DIVIDE_BY_ZERO) {
                return "division by zero";
            }
        }
        return message;
    }
}

package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a list (meta/v1 ListOptions), held against one another as upstream does.
 *
 * @param limit objects in a page; 0 for all
 * @param from where to go on; null for the beginning
 * @param exact the revision to list at; empty for the newest
 */
record ListRequest(long limit, @Nullable ContinueToken from, OptionalLong exact) {

    private static final String MATCH = "resourceVersionMatch";
    private static final String NOT_OLDER = "NotOlderThan";
    private static final String EXACT = "Exact";

    static ListRequest of(QueryOptions options) {
        String match = options.text(MATCH);
        OptionalLong version = options.number("resourceVersion");
        String token = options.text("continue");
        if (options.flag("sendInitialEvents") || !options.text("sendInitialEvents").isEmpty()) {
            throw refused(
                    FieldError.forbidden(
                            "sendInitialEvents", "sendInitialEvents is forbidden for list"));
        }
        if (!match.isEmpty()) {
            checkMatch(match, version, token);
        }
        long limit = options.number("limit").orElse(0);
        if (!token.isEmpty()) {
            if (version.isPresent() && version.getAsLong() != 0) {
                throw ApiException.badRequest(
                        "specifying resource version is not allowed when using continue");
            }
            return new ListRequest(limit, ContinueToken.decode(token), OptionalLong.empty());
        }
        boolean exactly =
                match.equals(EXACT) || (match.isEmpty() && limit > 0 && version.orElse(0) > 0);
        return new ListRequest(limit, null, exactly ? version : OptionalLong.empty());
    }

    private static void checkMatch(String match, OptionalLong version, String token) {
        if (version.isEmpty()) {
            throw refused(
                    FieldError.forbidden(
                            MATCH,
                            "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        }
        if (!token.isEmpty()) {
            throw refused(
                    FieldError.forbidden(
                            MATCH, "resourceVersionMatch is forbidden when continue is provided"));
        }
        if (!match.equals(EXACT) && !match.equals(NOT_OLDER)) {
            throw refused(FieldError.notSupported(MATCH, match, List.of(EXACT, NOT_OLDER)));
        }
        if (match.equals(EXACT) && version.getAsLong() == 0) {
            throw refused(
                    FieldError.forbidden(
                            MATCH,
                            "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
        }
    }

    /** Holds the parameters of a watch against one another. */
    static void checkWatch(QueryOptions options) {
        String match = options.text(MATCH);
        boolean given = !options.text("sendInitialEvents").isEmpty();
        if (!given && !match.isEmpty()) {
            throw refused(
                    FieldError.forbidden(
                            MATCH,
                            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is"
                                    + " provided"));
        }
        if (given && match.isEmpty()) {
            throw refused(
                    FieldError.forbidden(
                            MATCH,
                            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
        }
        if (given && !match.equals(NOT_OLDER)) {
            throw refused(FieldError.notSupported(MATCH, match, List.of(NOT_OLDER)));
        }
    }

    private static ApiException refused(FieldError error) {
        return ApiException.invalid("meta.k8s.io", "ListOptions", "", List.of(error));
    }
}

package dev.coracle.apiserver.status;

import dev.coracle.apiserver.object.Json;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request the API refuses, with the {@code Status} body Kubernetes answers. Made only by the
 * factories, which are named after the Status reasons (Kubernetes API concepts, "Response Status
 * Kind").
 */
public final class ApiException extends RuntimeException {

    private final int code;
    private final String reason;
    private final transient @Nullable ObjectNode details;
    private final String next;

    private ApiException(int code, String reason, String message, @Nullable ObjectNode details) {
        this(code, reason, message, details, "");
    }

    private ApiException(
            int code, String reason, String message, @Nullable ObjectNode details, String next) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
        this.details = details;
        this.next = next;
    }

    /** The HTTP status code. */
    public int code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    /** The body of the answer. */
    public ObjectNode toStatus() {
        ObjectNode status = Json.newObject();
        ObjectNode metadata =
                status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        if (!next.isEmpty()) {
            metadata.put("continue", next);
        }
        status.put("status", "Failure");
        status.put("message", getMessage());
        if (!reason.isEmpty()) {
            status.put("reason", reason);
        }
        if (details != null) {
            status.set("details", details);
        }
        status.put("code", code);
        return status;
    }

    public static ApiException notFound(String group, String resource, String name) {
        return new ApiException(
                404,
                "NotFound",
                qualified(group, resource) + " \"" + name + "\" not found",
                named(group, resource, name));
    }

    /** No such path at all. */
    public static ApiException pathNotFound() {
        return new ApiException(
                404,
                "NotFound",
                "the server could not find the requested resource",
                Json.newObject());
    }

    public static ApiException alreadyExists(String group, String resource, String name) {
        return new ApiException(
                409,
                "AlreadyExists",
                qualified(group, resource) + " \"" + name + "\" already exists",
                named(group, resource, name));
    }

    public static ApiException conflict(String group, String resource, String name, String why) {
        return new ApiException(
                409,
                "Conflict",
                "Operation cannot be fulfilled on "
                        + qualified(group, resource)
                        + " \""
                        + name
                        + "\": "
                        + why,
                named(group, resource, name));
    }

    /**
     * One of the reasons of a failure (meta/v1 StatusCause).
     *
     * @param field a path, or empty
     */
    public record Cause(String reason, String message, String field) {}

    /** A configuration that sets what others own (server-side apply). */
    public static ApiException applyConflict(String message, List<Cause> causes) {
        ObjectNode details = Json.newObject();
        ArrayNode list = details.putArray("causes");
        for (Cause cause : causes) {
            list.addObject()
                    .put("reason", cause.reason())
                    .put("message", cause.message())
                    .put("field", cause.field());
        }
        return new ApiException(409, "Conflict", message, details);
    }

    public static ApiException invalid(
            String group, String kind, String name, List<FieldError> errors) {
        ObjectNode details = named(group, kind, name);
        ArrayNode causes = details.putArray("causes");
        for (FieldError error : errors) {
            causes.addObject()
                    .put("reason", error.type().reason())
                    .put("message", error.message())
                    .put("field", error.field());
        }
        String list = errors.stream().map(FieldError::toString).collect(Collectors.joining(", "));
        return new ApiException(
                422,
                "Invalid",
                qualified(group, kind)
                        + " \""
                        + name
                        + "\" is invalid: "
                        + (errors.size() == 1 ? list : "[" + list + "]"),
                details);
    }

    /** {@code name} may be empty: then it is about the resource as a whole. */
    public static ApiException forbidden(String group, String resource, String name, String why) {
        return new ApiException(
                403,
                "Forbidden",
                qualified(group, resource)
                        + (name.isEmpty() ? "" : " \"" + name + "\"")
                        + " is forbidden: "
                        + why,
                named(group, resource, name));
    }

    /**
     * An admission policy's validation does not hold.
     *
     * @param reason Unauthorized, Forbidden, Invalid or RequestEntityTooLarge; empty for Invalid
     */
    public static ApiException refusedByPolicy(
            String group, String resource, String name, String reason, String why) {
        ApiException forbidden = forbidden(group, resource, name, why);
        ObjectNode details = named(group, resource, name);
        details.putArray("causes").addObject().put("message", why);
        int code =
                switch (reason) {
                    case "Unauthorized" -> 401;
                    case "Forbidden" -> 403;
                    case "RequestEntityTooLarge" -> 413;
                    default -> 422;
                };
        return new ApiException(
                code,
                reason.isEmpty() ? "Invalid" : reason,
                String.valueOf(forbidden.getMessage()),
                details);
    }

    /** A path that is about no resource. */
    public static ApiException forbidden(String why) {
        return new ApiException(403, "Forbidden", "forbidden: " + why, Json.newObject());
    }

    /** A namespace that is going away takes no new objects. */
    public static ApiException namespaceTerminating(
            String group, String resource, String name, String namespace) {
        ObjectNode details = named(group, resource, name);
        details.putArray("causes")
                .addObject()
                .put("reason", "NamespaceTerminating")
                .put("message", "namespace " + namespace + " is being terminated")
                .put("field", "metadata.namespace");
        return new ApiException(
                403,
                "Forbidden",
                qualified(group, resource)
                        + " \""
                        + name
                        + "\" is forbidden: unable to create new content in namespace "
                        + namespace
                        + " because it is being terminated",
                details);
    }

    public static ApiException badRequest(String message) {
        return new ApiException(400, "BadRequest", message, null);
    }

    /** A JSON patch whose operation does not fit the object. */
    public static ApiException unprocessablePatch(String why) {
        return new ApiException(
                422,
                "Invalid",
                "the server rejected our request due to an error in our request: " + why,
                Json.newObject());
    }

    public static ApiException unauthorized() {
        return new ApiException(401, "Unauthorized", "Unauthorized", null);
    }

    public static ApiException methodNotAllowed(String why) {
        return new ApiException(405, "MethodNotAllowed", why, Json.newObject());
    }

    public static ApiException notAcceptable(String served) {
        return new ApiException(
                406,
                "NotAcceptable",
                "only the following media types are accepted: " + served,
                null);
    }

    public static ApiException unsupportedMediaType(String given, String served) {
        return new ApiException(
                415,
                "UnsupportedMediaType",
                "the body of the request was in an unknown format - accepted media types include: "
                        + served
                        + (given.isEmpty() ? "" : "; got \"" + given + "\""),
                null);
    }

    public static ApiException tooLarge(String message) {
        return new ApiException(413, "RequestEntityTooLarge", message, null);
    }

    /** History before {@code revision} is gone: list again. */
    public static ApiException expired(String message) {
        return new ApiException(410, "Expired", message, null);
    }

    /** The same for a list in pages; {@code next} goes on without consistency. */
    public static ApiException expired(String message, String next) {
        return new ApiException(410, "Expired", message, null, next);
    }

    /** A resourceVersion the server has not reached. */
    public static ApiException tooLargeResourceVersion(long asked, long current) {
        ObjectNode details = Json.newObject();
        details.putArray("causes")
                .addObject()
                .put("reason", "ResourceVersionTooLarge")
                .put("message", "Too large resource version");
        return new ApiException(
                504,
                "Timeout",
                "Too large resource version: " + asked + ", current: " + current,
                details.put("retryAfterSeconds", 1));
    }

    public static ApiException serviceUnavailable(String message) {
        return new ApiException(503, "ServiceUnavailable", message, null);
    }

    /** Unavailable, but likely to be back after {@code retrySeconds}. */
    public static ApiException serviceUnavailable(String message, int retrySeconds) {
        return new ApiException(
                503,
                "ServiceUnavailable",
                message,
                Json.newObject().put("retryAfterSeconds", retrySeconds));
    }

    /** Nothing can be written until there is room. */
    public static ApiException insufficientStorage(String message) {
        return new ApiException(507, "InsufficientStorage", message, null);
    }

    /** An eviction that a disruption budget does not allow now. */
    public static ApiException tooManyRequests(String message, String cause, int retrySeconds) {
        ObjectNode details = Json.newObject();
        details.putArray("causes")
                .addObject()
                .put("reason", "DisruptionBudget")
                .put("message", cause);
        if (retrySeconds > 0) {
            details.put("retryAfterSeconds", retrySeconds);
        }
        return new ApiException(429, "TooManyRequests", message, details);
    }

    /** Something Kubernetes has and Coracle does not serve yet, refused by name. */
    public static ApiException notServed(String what) {
        return new ApiException(
                501, "NotImplemented", what + " is not served by Coracle yet", null);
    }

    /** A 500 that names no reason, as the eviction of a pod with two budgets is answered. */
    public static ApiException unknown(String message) {
        return new ApiException(500, "", message, null);
    }

    public static ApiException internal(String message) {
        return new ApiException(500, "InternalError", "Internal error occurred: " + message, null);
    }

    private static ObjectNode named(String group, String kind, String name) {
        ObjectNode details = Json.newObject();
        if (!name.isEmpty()) {
            details.put("name", name);
        }
        if (!group.isEmpty()) {
            details.put("group", group);
        }
        return details.put("kind", kind);
    }

    private static String qualified(String group, String resource) {
        return group.isEmpty() ? resource : resource + "." + group;
    }
}

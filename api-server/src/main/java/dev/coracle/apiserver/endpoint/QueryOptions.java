package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.selector.FieldSelector;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;

/** Query parameters, read strictly: a value that makes no sense is a 400 that names it. */
final class QueryOptions {

    private static final int MAX_MANAGER_BYTES = 128;

    private final ServerRequest request;

    QueryOptions(ServerRequest request) {
        this.request = request;
    }

    String text(String name) {
        return request.queryParam(name).orElse("");
    }

    boolean flag(String name) {
        String value = text(name);
        return switch (value) {
            case "true", "1", "t", "T", "TRUE", "True" -> true;
            case "", "false", "0", "f", "F", "FALSE", "False" ->
                    value.isEmpty() && request.queryParams().containsKey(name);
            default -> throw invalid(name, value, "must be a boolean");
        };
    }

    OptionalLong number(String name) {
        String value = text(name);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!value.matches("[0-9]{1,18}")) {
            throw invalid(name, value, "must be a number, not negative");
        }
        return OptionalLong.of(Long.parseLong(value));
    }

    boolean dryRun() {
        String value = text("dryRun");
        if (!value.isEmpty() && !value.equals("All")) {
            throw invalid("dryRun", value, "must be All");
        }
        return !value.isEmpty();
    }

    /**
     * How a write is to be done. Who does not say who he is, is known by the first word of his
     * {@code User-Agent}.
     */
    WriteOptions writing(@Nullable Subresource subresource) {
        String manager = text("fieldManager");
        if (manager.isEmpty()) {
            String agent = request.headers().header("User-Agent").stream().findFirst().orElse("");
            int end = agent.indexOf('/');
            manager = end < 0 ? agent : agent.substring(0, end);
        }
        return new WriteOptions(
                dryRun(), checked(manager), subresource == null ? "" : subresource.path());
    }

    /** A manager's name; one taken from the client's name is cut, not refused. */
    private String checked(String manager) {
        if (manager.isBlank()) {
            return "unknown";
        }
        boolean given = !text("fieldManager").isEmpty();
        if (manager.length() > MAX_MANAGER_BYTES) {
            if (given) {
                throw invalidOptions(
                        FieldError.tooLong(
                                "fieldManager",
                                "may not be more than " + MAX_MANAGER_BYTES + " bytes"));
            }
            return manager.substring(0, MAX_MANAGER_BYTES);
        }
        if (given && !manager.chars().allMatch(c -> c >= ' ' && c != 127)) {
            throw invalidOptions(
                    FieldError.invalid(
                            "fieldManager", manager, "should only contain printable characters"));
        }
        return manager;
    }

    /** Options of the request that contradict one another. */
    ApiException invalidOptions(FieldError error) {
        String kind =
                switch (request.method().name()) {
                    case "POST" -> "CreateOptions";
                    case "PUT" -> "UpdateOptions";
                    case "PATCH" -> "PatchOptions";
                    case "DELETE" -> "DeleteOptions";
                    default -> "ListOptions";
                };
        return ApiException.invalid("meta.k8s.io", kind, "", List.of(error));
    }

    /** The {@code labelSelector} and {@code fieldSelector}. */
    Selection selection(ResourceStrategy strategy, String namespace) {
        return new Selection(
                namespace,
                LabelSelector.parse(text("labelSelector")),
                FieldSelector.parse(text("fieldSelector"), strategy.fieldLabels()));
    }

    private static ApiException invalid(String name, String value, String expected) {
        return ApiException.badRequest(
                "invalid query parameter " + name + ": \"" + value + "\": " + expected);
    }
}

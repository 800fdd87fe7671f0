package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.selector.FieldSelector;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.selector.Selection;
import dev.coracle.apiserver.status.ApiException;
import java.util.OptionalLong;
import org.springframework.web.reactive.function.server.ServerRequest;

/** Query parameters, read strictly: a value that makes no sense is a 400 that names it. */
final class QueryOptions {

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

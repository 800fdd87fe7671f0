package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.table.Table;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The form in which the client wants an answer, from its {@code Accept} header. */
sealed interface Representation {

    /** The stored bytes as they are. */
    record Plain(boolean yaml) implements Representation {}

    /** {@code as=Table}. */
    record AsTable(String version, Table.IncludeObject include) implements Representation {
        ObjectNode of(TablePrinter printer, List<ApiObject> objects, Instant now) {
            return Table.of(printer, objects, include, now)
                    .put("apiVersion", "meta.k8s.io/" + version);
        }
    }

    /** {@code as=PartialObjectMetadata}: the metadata alone. */
    record AsPartial(String version) implements Representation {
        String apiVersion() {
            return "meta.k8s.io/" + version;
        }

        ObjectNode of(ApiObject object) {
            return Table.partial(object).put("apiVersion", apiVersion());
        }
    }

    YAMLMapper YAML = new YAMLMapper();

    default MediaType mediaType() {
        return this instanceof Plain(boolean yaml) && yaml
                ? MediaType.APPLICATION_YAML
                : MediaType.APPLICATION_JSON;
    }

    /** The answer's bytes for one object. */
    default byte[] write(byte[] json, TablePrinter printer, Instant now) {
        return switch (this) {
            case Plain(boolean yaml) ->
                    yaml ? YAML.writeValueAsBytes(Json.MAPPER.readTree(json)) : json;
            case AsTable table -> {
                ObjectNode tree = table.of(printer, List.of(ApiObject.parse(json)), now);
                yield Json.MAPPER.writeValueAsBytes(tree);
            }
            case AsPartial partial ->
                    Json.MAPPER.writeValueAsBytes(partial.of(ApiObject.parse(json)));
        };
    }

    /**
     * Chooses the first acceptable form.
     *
     * @throws ApiException 406 when none is served
     */
    static Representation of(ServerRequest request) {
        List<MediaType> accepted;
        try {
            accepted = request.headers().accept();
        } catch (InvalidMediaTypeException e) {
            throw ApiException.notAcceptable("application/json, application/yaml");
        }
        if (accepted.isEmpty()) {
            return new Plain(false);
        }
        for (MediaType type : accepted) {
            String as = type.getParameter("as") == null ? "" : type.getParameter("as");
            boolean json = type.includes(MediaType.APPLICATION_JSON);
            if (as.equals("Table") && json && isMeta(type)) {
                return new AsTable(version(type), include(request));
            } else if (as.startsWith("PartialObjectMetadata") && json && isMeta(type)) {
                return new AsPartial(version(type));
            } else if (as.isEmpty() && json) {
                return new Plain(false);
            } else if (as.isEmpty() && type.includes(MediaType.APPLICATION_YAML)) {
                return new Plain(true);
            }
        }
        throw ApiException.notAcceptable("application/json, application/yaml");
    }

    private static boolean isMeta(MediaType type) {
        String group = type.getParameter("g");
        String version = type.getParameter("v");
        return (group == null || group.equals("meta.k8s.io"))
                && (version == null || version.equals("v1") || version.equals("v1beta1"));
    }

    private static String version(MediaType type) {
        return "v1beta1".equals(type.getParameter("v")) ? "v1beta1" : "v1";
    }

    private static Table.IncludeObject include(ServerRequest request) {
        String include = request.queryParam("includeObject").orElse("Metadata");
        try {
            return Table.IncludeObject.valueOf(include.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest(
                    "invalid query parameter includeObject: \""
                            + include
                            + "\": must be None, Metadata or Object");
        }
    }
}

package dev.coracle.apiserver.openapi;

import dev.coracle.apiserver.object.Json;
import io.swagger.v3.oas.models.OpenAPI;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;

/**
 * Gives springdoc, and with it Swagger UI, the served surface: the same documents that clients read
 * at {@code /openapi/v3}.
 */
public final class SwaggerPages implements GlobalOpenApiCustomizer {

    private final OpenApiDocuments documents;

    public SwaggerPages(OpenApiDocuments documents) {
        this.documents = documents;
    }

    @Override
    public void customise(OpenAPI page) {
        OpenAPI served;
        try {
            served =
                    io.swagger.v3.core.util.Json.mapper()
                            .readValue(
                                    Json.MAPPER.writeValueAsBytes(documents.whole()),
                                    OpenAPI.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        page.setInfo(served.getInfo().title("Coracle: the Kubernetes API"));
        page.setServers(null);
        page.setPaths(served.getPaths());
        page.setComponents(served.getComponents());
        page.setSecurity(served.getSecurity());
        page.setTags(null);
    }
}

package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * {@code openapi/api-server.json} is what springdoc publishes; rewritten by {@code
 * -Dgolden.update=true}.
 */
@ResourceLock(Cluster.HOST)
class OpenApiIT {

    private static final Path DOCUMENT = Cluster.ROOT.resolve("openapi/api-server.json");

    private final Cluster cluster = Cluster.with("--proxy", "nftables");

    @Test
    void theCommittedDocumentIsTheServedOne() throws IOException {
        assertThat(cluster.output()).contains("Swagger UI at /swagger-ui", ":6443/dashboard/");
        String served = served();
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(DOCUMENT, served);
        }
        assertThat(Files.readString(DOCUMENT)).isEqualTo(served);
        assertThat(served()).isEqualTo(served);
    }

    private static String served() {
        return Shell.run("curl", "-sk", "https://127.0.0.1:6443/v3/api-docs").orFail().strip()
                + "\n";
    }
}

package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Swagger UI as a browser shows it. */
class SwaggerUiIT {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ApiServer server = ApiServer.shared();

    @Test
    void beginsWithTheCoreGroupAndOffersTheOthers() {
        assertShows(
                "",
                "/api/v1/namespaces/{namespace}/pods/{name}",
                ">apps/v1</option>",
                ">rbac.authorization.k8s.io/v1</option>");
    }

    @ParameterizedTest
    @CsvSource({
        "apps/v1, /apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale",
        "apiextensions.k8s.io/v1, /apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}"
    })
    void showsAGroupsOperations(String group, String path) {
        assertShows("?urls.primaryName=" + group, path);
    }

    /**
     * A browser without a head may stop before a busy machine has answered: then it looks again.
     */
    private void assertShows(String query, String... texts) {
        Await.until(PATIENCE, () -> assertThat(page(query)).contains(texts));
    }

    /** The document that a browser has made when it takes the network for quiet. */
    private String page(String query) {
        Path profile = Cluster.newDirectory();
        return Shell.run(
                        "chromium",
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--ignore-certificate-errors",
                        "--user-data-dir=" + profile,
                        "--virtual-time-budget=20000",
                        "--dump-dom",
                        "https://127.0.0.1:" + server.port() + "/swagger-ui/index.html" + query)
                .orFail();
    }
}

package dev.coracle.apiserver.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;

class DashboardRouterTest {

    private static final Path FILES = Path.of("src/main/resources/dashboard");

    private final WebTestClient client =
            WebTestClient.bindToRouterFunction(new DashboardRouter().routes()).build();

    @ParameterizedTest
    @CsvSource({
        "/dashboard/, text/html;charset=utf-8",
        "/dashboard/index.html, text/html;charset=utf-8",
        "/dashboard/style.css, text/css;charset=utf-8",
        "/dashboard/main.js, text/javascript;charset=utf-8",
        "/dashboard/icon.svg, image/svg+xml"
    })
    void servesAFileWithItsTypeAndAPolicyThatForbidsTheRest(String path, String type) {
        client.get()
                .uri(path)
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentType(type)
                .expectHeader()
                .valueEquals("X-Content-Type-Options", "nosniff")
                .expectHeader()
                .valueEquals("Referrer-Policy", "no-referrer")
                .expectHeader()
                .value(
                        "Content-Security-Policy",
                        policy ->
                                assertThat(policy.split("; "))
                                        .contains(
                                                "default-src 'self'",
                                                "frame-ancestors 'none'",
                                                "base-uri 'none'",
                                                "form-action 'none'")
                                        .noneMatch(part -> part.contains("unsafe")));
    }

    @Test
    void servesEveryFileOfItsFolder() throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            List<Path> all = files.toList();
            assertThat(all).isNotEmpty();
            for (Path file : all) {
                assertThat(get("/dashboard/" + file.getFileName()).getResponseBody())
                        .as(file.toString())
                        .isEqualTo(Files.readAllBytes(file));
            }
        }
    }

    @Test
    void redirectsToTheFolder() {
        client.get()
                .uri("/dashboard")
                .exchange()
                .expectStatus()
                .isPermanentRedirect()
                .expectHeader()
                .location("/dashboard/");
    }

    @Test
    void isKeptByABrowserUntilItChanges() {
        EntityExchangeResult<byte[]> first = get("/dashboard/main.js");
        String tag = Objects.requireNonNull(first.getResponseHeaders().getETag());

        assertThat(first.getResponseHeaders().getCacheControl()).isEqualTo("no-cache");
        client.get()
                .uri("/dashboard/main.js")
                .header("If-None-Match", tag)
                .exchange()
                .expectStatus()
                .isNotModified()
                .expectBody()
                .isEmpty();
        assertThat(get("/dashboard/way.js").getResponseHeaders().getETag()).isNotEqualTo(tag);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/dashboard/../api-server.yaml",
                "/dashboard/%2e%2e/api-server.yaml",
                "/dashboard/..%2fapi-server.yaml",
                "/dashboard//api-server.yaml",
                "/dashboard/api-server.yaml",
                "/dashboard/nothing.js",
                "/dashboard/main.js/",
                "/dashboardx",
                "/api-server.yaml"
            })
    void leadsToNothingElse(String path) {
        client.get()
                .uri(URI.create("http://localhost" + path))
                .exchange()
                .expectStatus()
                .isNotFound();
    }

    @Test
    void answersNoOtherMethods() {
        client.post().uri("/dashboard/").exchange().expectStatus().isNotFound();
        client.head().uri("/dashboard/").exchange().expectStatus().isOk();
    }

    /** A page with a script or style in it would not work under its own policy. */
    @Test
    void hasNeitherScriptNorStyleInItsPage() throws IOException {
        assertThat(Files.readString(FILES.resolve("index.html")))
                .doesNotContain("<style", " style=", "http://", "https://")
                .doesNotContainPattern("<script(?![^>]* src=)")
                .doesNotContainPattern(" on[a-z]+=");
    }

    private EntityExchangeResult<byte[]> get(String path) {
        return client.get().uri(path).exchange().expectStatus().isOk().expectBody().returnResult();
    }
}

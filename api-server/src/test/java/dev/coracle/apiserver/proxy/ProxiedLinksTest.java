package dev.coracle.apiserver.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxiedLinksTest {

    private static final String PREFIX = "/api/v1/namespaces/ns/pods/web/proxy";

    private final ProxiedLinks links = new ProxiedLinks(PREFIX, "10.244.1.2:80", "localhost:8001");

    @ParameterizedTest
    @CsvSource({
        "/a/b?c=d#e, /api/v1/namespaces/ns/pods/web/proxy/a/b?c=d#e",
        "http://10.244.1.2:80/a/, /api/v1/namespaces/ns/pods/web/proxy/a/",
        "http://localhost:8001/a, http://localhost:8001/api/v1/namespaces/ns/pods/web/proxy/a",
        "https://example.com/a, https://example.com/a",
        "a/b, a/b",
        "../x, ../x",
        "mailto:me@example.com, mailto:me@example.com",
        "/api/v1/namespaces/ns/pods/web/proxy/a, /api/v1/namespaces/ns/pods/web/proxy/a",
        "/not a link, /not a link"
    })
    void leadsLinksToTheHostThroughTheProxy(String link, String rewritten) {
        assertThat(links.rewrite(link)).isEqualTo(rewritten);
    }

    @Test
    void changesNothingButLinksInAPage() {
        assertThat(
                        links.page(
                                """
                                <!DOCTYPE html><a href="/rewriteme">test</a><IMG alt='/x' SRC='/y.png'>
                                <!-- <a href="/no"> --><script src=/s.js>"<a href='/text'>"</script>
                                <p href="/p"> 1 < 2 <a href="?q=1&amp;r=2">r</a>
                                """))
                .isEqualTo(
                        """
                        <!DOCTYPE html><a href="%1$s/rewriteme">test</a><IMG alt='/x' SRC="%1$s/y.png">
                        <!-- <a href="/no"> --><script src="%1$s/s.js">"<a href='/text'>"</script>
                        <p href="/p"> 1 < 2 <a href="?q=1&amp;r=2">r</a>
                        """
                                .formatted(PREFIX));
    }
}

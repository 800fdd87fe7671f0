package dev.coracle.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RouteTableTest {

    private static final RouteTable TABLE =
            new RouteTable(
                    List.of(
                            prefix("app.mydomain.com", "/", "app"),
                            prefix("app.mydomain.com", "/api", "api"),
                            prefix("app.mydomain.com", "/api/v2", "api-v2"),
                            exact("app.mydomain.com", "/api/v2", "api-v2-exactly"),
                            prefix("*.mydomain.com", "/", "wildcard"),
                            prefix("bare.mydomain.com", "/only", "bare"),
                            prefix("", "/public", "public"),
                            prefix("", "/public/", "never: younger than its equal")),
                    List.of());

    static Stream<Arguments> requests() {
        return Stream.of(
                argumentSet("the exact host", "app.mydomain.com", "/", "app"),
                argumentSet(
                        "whatever its case and port",
                        "APP.mydomain.com:8080",
                        "/index.html",
                        "app"),
                argumentSet("a longer prefix wins", "app.mydomain.com", "/api", "api"),
                argumentSet("element by element", "app.mydomain.com", "/apis", "app"),
                argumentSet("with a final slash or not", "app.mydomain.com", "/api/", "api"),
                argumentSet(
                        "an exact path wins over its prefix",
                        "app.mydomain.com",
                        "/api/v2",
                        "api-v2-exactly"),
                argumentSet("but only for that path", "app.mydomain.com", "/api/v2/x", "api-v2"),
                argumentSet(
                        "a wildcard stands for one label", "other.mydomain.com", "/", "wildcard"),
                argumentSet("and for no more", "a.b.mydomain.com", "/", "nothing"),
                argumentSet("nor for less", "mydomain.com", "/", "nothing"),
                argumentSet(
                        "the exact host's paths are final", "bare.mydomain.com", "/", "nothing"),
                argumentSet(
                        "a rule without host is for all others",
                        "elsewhere.org",
                        "/public/x",
                        "public"),
                argumentSet("an address is a host too", "10.88.0.1", "/public", "public"),
                argumentSet("an IPv6 address keeps its colons", "[::1]:80", "/public", "public"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void routes(String host, String path, String backend) {
        assertThat(TABLE.find(host, path).map(route -> route.backend().service()).orElse("nothing"))
                .isEqualTo(backend);
    }

    @Test
    void usesTheOldestDefaultWhenNoRuleMatches() {
        RouteTable table =
                new RouteTable(
                        List.of(prefix("a.com", "/", "a")),
                        List.of(prefix("", "/", "first"), prefix("", "/", "second")));
        assertThat(table.find("b.com", "/").orElseThrow().backend().service()).isEqualTo("first");
        assertThat(table.find("a.com", "/").orElseThrow().backend().service()).isEqualTo("a");
    }

    @Test
    void prefersTheOlderOfTwoEqualRules() {
        RouteTable table =
                new RouteTable(
                        List.of(prefix("a.com", "/", "older"), prefix("a.com", "/", "younger")),
                        List.of());
        assertThat(table.find("a.com", "/").orElseThrow().backend().service()).isEqualTo("older");
    }

    private static Route prefix(String host, String path, String service) {
        return route(host, PathMatcher.prefix(path), service);
    }

    private static Route exact(String host, String path, String service) {
        return route(host, new PathMatcher.Exact(path), service);
    }

    private static Route route(String host, PathMatcher path, String service) {
        List<Backend.Endpoint> endpoints = Arrays.asList(new Backend.Endpoint("10.244.0.1", 3000));
        return new Route(
                HostMatcher.of(host),
                path,
                new Backend("shop", service, "80", endpoints),
                "shop/ingress");
    }
}

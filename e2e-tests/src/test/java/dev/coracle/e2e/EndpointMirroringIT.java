package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Endpoints that somebody wrote, seen by those who read EndpointSlices. */
class EndpointMirroringIT {

    private static final String SLICES = "endpointslices";
    private static final String OF_WEB = "kubernetes.io/service-name=web";

    private final ApiServer server = ApiServer.shared();
    private final String namespace = server.newNamespace("mirror");

    @Test
    void followsTheEndpointsOfAServiceWithoutSelector() throws IOException {
        Path file = server.data().resolve(namespace + ".yaml");
        Files.writeString(
                file,
                """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {ports: [{name: http, port: 80}]}
                ---
                apiVersion: v1
                kind: Endpoints
                metadata: {name: web, labels: {team: a}}
                subsets:
                - addresses: [{ip: 10.244.9.1, hostname: one}]
                  notReadyAddresses: [{ip: 10.244.9.2}]
                  ports: [{name: http, port: 8080}]
                """);
        run("create", "-f", file.toString());
        awaitSlices("10.244.9.1=true 10.244.9.2=false ");
        assertThat(run("get", SLICES, "-l", OF_WEB + ",team=a", "-o", "jsonpath={.items[0].ports}"))
                .contains("8080");
        run(
                "patch",
                "endpoints",
                "web",
                "--type=json",
                "-p",
                "[{\"op\":\"remove\",\"path\":\"/subsets/0/notReadyAddresses\"}]");
        awaitSlices("10.244.9.1=true ");
        run("delete", SLICES, "-l", OF_WEB);
        awaitSlices("10.244.9.1=true ");
        run("delete", "endpoints", "web");
        awaitSlices("");
    }

    @Test
    void copiesAThousandAddressesOfASubset() throws IOException {
        String addresses =
                IntStream.range(0, 1003)
                        .mapToObj(i -> "{ip: 10.244.%d.%d}".formatted(i / 250, i % 250))
                        .collect(Collectors.joining(", "));
        Path file = server.data().resolve(namespace + ".yaml");
        Files.writeString(
                file,
                """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {ports: [{port: 80}]}
                ---
                apiVersion: v1
                kind: Endpoints
                metadata: {name: web}
                subsets: [{addresses: [%s], ports: [{port: 80}]}]
                """
                        .formatted(addresses));
        run("create", "-f", file.toString());
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(run("get", "events", "-o", "jsonpath={.items[*].message}"))
                                .contains(
                                        "A max of 1000 addresses can be mirrored to EndpointSlices"
                                                + " per Endpoints subset. 3 addresses were skipped"));
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(
                                        run(
                                                "get",
                                                SLICES,
                                                "-l",
                                                OF_WEB,
                                                "-o",
                                                "jsonpath={range .items[*].endpoints[*]}.{end}"))
                                .hasSize(1000));
    }

    private void awaitSlices(String expected) {
        Await.until(
                Duration.ofSeconds(30),
                () ->
                        assertThat(
                                        run(
                                                "get",
                                                SLICES,
                                                "-l",
                                                OF_WEB,
                                                "-o",
                                                "jsonpath={range .items[*].endpoints[*]}{.addresses[0]}={.conditions.ready} {end}"))
                                .isEqualTo(expected));
    }

    private String run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return server.kubectl(all).orFail();
    }
}

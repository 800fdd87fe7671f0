package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The control loops as a process of their own, killed at any moment, on hollow nodes. */
@Order(2)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ControllersIT {

    private static final int KILLS = 10;
    private static final int REPLICAS = 12;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ApiServer server = ApiServer.start("coracle.apiserver.controllers=false");
    private ServiceProcess controllers = startControllers();
    private final ServiceProcess nodes =
            start(
                    "node-agent",
                    "dev.coracle.nodeagent.hollow.HollowNodesMain",
                    "3",
                    server.data().resolve("hollow").toString());

    @BeforeAll
    void awaitNodes() {
        Await.until(
                PATIENCE,
                () -> {
                    nodes.assertRunning();
                    assertThat(nodes.output()).contains("ready");
                });
    }

    @AfterAll
    void stop() {
        nodes.kill();
        controllers.kill();
        server.stop();
    }

    private ServiceProcess startControllers() {
        return start("api-server", "dev.coracle.controllers.ControllersMain");
    }

    private ServiceProcess start(String jar, String main, String... arguments) {
        List<String> program =
                new ArrayList<>(
                        List.of(
                                "-cp",
                                ServiceProcess.jar(jar).toString(),
                                "-Dloader.main=" + main,
                                "org.springframework.boot.loader.launch.PropertiesLauncher",
                                server.kubeconfig().toString()));
        program.addAll(List.of(arguments));
        String name = main.substring(main.lastIndexOf('.') + 1);
        return ServiceProcess.start(name, program, server.data().resolve(name + ".log"));
    }

    @Test
    void endWithTheSamePodsHoweverOftenTheyAreKilledInARollout() throws IOException {
        String namespace = server.newNamespace("killed");
        apply(namespace, deployment("round-0"));
        kubectl(namespace, "rollout", "status", "deployment/web", "--timeout=60s");
        for (int i = 1; i <= KILLS; i++) {
            String round = "round-" + i;
            apply(namespace, deployment(round));
            Await.until(PATIENCE, () -> assertThat(pods(namespace, round)).isNotEmpty());
            controllers.kill();
            controllers = startControllers();
        }
        String last = "round-" + KILLS;
        kubectl(namespace, "rollout", "status", "deployment/web", "--timeout=60s");
        Await.until(
                PATIENCE,
                () -> {
                    List<JsonNode> pods = items(namespace, "pods");
                    assertThat(pods).hasSize(REPLICAS);
                    assertThat(pods(namespace, last)).hasSize(REPLICAS);
                    Set<String> owners =
                            items(namespace, "replicasets").stream()
                                    .filter(rs -> rs.at("/spec/replicas").asInt() > 0)
                                    .map(rs -> rs.at("/metadata/uid").asString())
                                    .collect(Collectors.toSet());
                    assertThat(owners).hasSize(1);
                    assertThat(pods)
                            .allSatisfy(pod -> {
                                assertThat(owners)
                                        .contains(
                                                pod.at("/metadata/ownerReferences/0/uid")
                                                        .asString());
                                assertThat(pod.at("/metadata/deletionTimestamp").isMissingNode())
                                        .isTrue();
                            });
                });
        // no round was begun twice: each has the one ReplicaSet of its template
        List<String> rounds =
                items(namespace, "replicasets").stream()
                        .map(rs -> rs.at("/spec/template/metadata/labels/round").asString())
                        .toList();
        assertThat(rounds).doesNotHaveDuplicates().contains(last);
    }

    @Test
    void goOnWhenOthersWriteTheSameObjects() throws IOException {
        String namespace = server.newNamespace("stale");
        apply(namespace, deployment("only"));
        Path stale = server.data().resolve("stale.json");
        Files.writeString(stale, kubectl(namespace, "get", "deployment", "web", "-o", "json"));
        kubectl(namespace, "scale", "deployment/web", "--replicas=3");
        assertThat(server.kubectl("-n", namespace, "replace", "-f", stale.toString()).output())
                .contains("the object has been modified; please apply your changes to the latest");
        for (int i = 0; i < 10; i++) {
            kubectl(namespace, "scale", "deployment/web", "--replicas=" + (3 + i % 2));
            kubectl(namespace, "annotate", "rs", "--all", "--overwrite", "touched=" + i);
        }
        kubectl(namespace, "scale", "deployment/web", "--replicas=5");
        kubectl(namespace, "rollout", "status", "deployment/web", "--timeout=60s");
        Await.until(PATIENCE, () -> assertThat(items(namespace, "pods")).hasSize(5));
    }

    @Test
    void serveOneAnotherInAStorm() throws IOException {
        String storm = server.newNamespace("storm");
        String calm = server.newNamespace("calm");
        StringBuilder sets = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            sets.append(
                    """
                    ---
                    apiVersion: apps/v1
                    kind: ReplicaSet
                    metadata: {name: storm-%1$d}
                    spec:
                      replicas: 250
                      selector: {matchLabels: {app: storm-%1$d}}
                      template:
                        metadata: {labels: {app: storm-%1$d}}
                        spec:
                          nodeSelector: {nowhere: "true"}
                          containers: [{name: main, image: coracle/host, command: [sleep]}]
                    """
                            .formatted(i));
        }
        apply(calm, deployment("calm"));
        kubectl(calm, "rollout", "status", "deployment/web", "--timeout=60s");
        apply(storm, sets.toString());
        apply(
                calm,
                """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {selector: {app: web}, ports: [{port: 80}]}
                """);
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        items(calm, "endpointslices").stream()
                                                .mapToInt(slice -> slice.at("/endpoints").size())
                                                .sum())
                                .isEqualTo(REPLICAS));
        assertThat(items(storm, "pods").size()).isLessThan(2000);
        kubectl(storm, "delete", "rs", "--all", "--wait=false");
    }

    private static String deployment(String round) {
        return """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: %d
          revisionHistoryLimit: 50
          strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 2}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web, round: %s}}
            spec:
              terminationGracePeriodSeconds: 0
              automountServiceAccountToken: false
              containers: [{name: main, image: coracle/host, command: [sleep]}]
        """
                .formatted(REPLICAS, round);
    }

    private List<JsonNode> pods(String namespace, String round) {
        return items(namespace, "pods").stream()
                .filter(pod -> pod.at("/metadata/labels/round").asString().equals(round))
                .toList();
    }

    private List<JsonNode> items(String namespace, String resource) {
        JsonNode list = JSON.readTree(kubectl(namespace, "get", resource, "-o", "json"));
        return list.path("items").valueStream().toList();
    }

    private void apply(String namespace, String yaml) throws IOException {
        Path file = Files.createTempFile(server.data(), "apply", ".yaml");
        Files.writeString(file, yaml);
        kubectl(namespace, "apply", "-f", file.toString());
    }

    private String kubectl(String namespace, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-n", namespace));
        all.addAll(List.of(arguments));
        return server.kubectl(all.toArray(String[]::new)).orFail();
    }
}

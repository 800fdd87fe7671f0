package dev.coracle.apiserver.registry.core.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.node.ObjectNode;

/** What kubectl get pods says of a pod: Ready, Status, Restarts. */
class PodPrinterTest {

    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

    private static final String INIT =
            """
            spec: {initContainers: [{name: i}, {name: s, restartPolicy: Always}], containers: [{name: c}]}
            status:
              phase: Pending
            """;

    static Stream<Arguments> pods() {
        return Stream.of(
                argumentSet(
                        "waits for a node",
                        "{spec: {containers: [{name: c}]}, status: {phase: Pending}}",
                        List.of("0/1", "Pending", "0")),
                argumentSet(
                        "is gated",
                        "{spec: {containers: [{name: c}]}, status: {phase: Pending, conditions:"
                                + " [{type: PodScheduled, status: 'False', reason: SchedulingGated}]}}",
                        List.of("0/1", "SchedulingGated", "0")),
                argumentSet(
                        "has restarted",
                        """
                        spec: {containers: [{name: c}]}
                        status:
                          phase: Running
                          containerStatuses:
                          - {name: c, ready: true, restartCount: 2, state: {running: {}},
                             lastState: {terminated: {finishedAt: '2026-01-01T00:55:00Z'}}}
                        """,
                        List.of("1/1", "Running", "2 (5m ago)")),
                argumentSet(
                        "is in a crash loop",
                        """
                        spec: {containers: [{name: c}]}
                        status:
                          phase: Running
                          containerStatuses:
                          - {name: c, restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}}
                        """,
                        List.of("0/1", "CrashLoopBackOff", "1")),
                argumentSet(
                        "has one container that ended and one that runs",
                        """
                        spec: {containers: [{name: c}, {name: d}]}
                        status:
                          phase: Running
                          conditions: [{type: Ready, status: 'False'}]
                          containerStatuses:
                          - {name: c, state: {terminated: {exitCode: 0, reason: Completed}}}
                          - {name: d, ready: true, state: {running: {}}}
                        """,
                        List.of("1/2", "NotReady", "0")),
                argumentSet(
                        "runs its first init container",
                        INIT
                                + "  initContainerStatuses: [{name: i, state: {running: {}}}, {name: s}]",
                        List.of("0/2", "Init:0/2", "0")),
                argumentSet(
                        "failed in an init container",
                        INIT
                                + "  initContainerStatuses: [{name: i, restartCount: 3, state:"
                                + " {terminated: {exitCode: 7}}}, {name: s}]",
                        List.of("0/2", "Init:ExitCode:7", "3")),
                argumentSet(
                        "runs beside its sidecar",
                        INIT.replace("Pending", "Running")
                                + "  initContainerStatuses: [{name: i, state: {terminated: {exitCode:"
                                + " 0}}}, {name: s, started: true, ready: true, restartCount: 1}]\n"
                                + "  containerStatuses: [{name: c, ready: true, state: {running: {}}}]",
                        List.of("2/2", "Running", "1")),
                argumentSet(
                        "is being deleted",
                        "{metadata: {deletionTimestamp: '2026-01-01T01:00:30Z'}, spec: {containers:"
                                + " [{name: c}]}, status: {phase: Running}}",
                        List.of("0/1", "Terminating", "0")),
                argumentSet(
                        "is on a lost node",
                        "{metadata: {deletionTimestamp: '2026-01-01T01:00:30Z'}, spec: {containers:"
                                + " [{name: c}]}, status: {phase: Running, reason: NodeLost}}",
                        List.of("0/1", "Unknown", "0")));
    }

    @ParameterizedTest
    @MethodSource("pods")
    void tellsWhatAPodDoes(String yaml, List<String> readyStatusRestarts) {
        ObjectNode pod = Json.MAPPER.valueToTree(new Yaml().load(yaml));
        List<Object> cells = new PodPrinter().cells(new ApiObject(pod), NOW);
        assertThat(cells.subList(1, 4)).isEqualTo(readyStatusRestarts);
    }
}

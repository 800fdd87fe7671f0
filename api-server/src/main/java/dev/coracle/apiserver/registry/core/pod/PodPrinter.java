package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The columns of {@code kubectl get pods} (k8s.io/kubernetes/pkg/printers/internalversion,
 * printPod).
 */
final class PodPrinter implements TablePrinter {

    @Override
    public List<Column> columns() {
        return List.of(
                Column.objectName(),
                Column.text("Ready"),
                Column.text("Status"),
                Column.text("Restarts"),
                Column.age(),
                Column.text("IP").wide(),
                Column.text("Node").wide(),
                Column.text("Nominated Node").wide(),
                Column.text("Readiness Gates").wide());
    }

    @Override
    public List<Object> cells(ApiObject pod, Instant now) {
        List<ObjectNode> statuses = Json.objects(pod.at("status.containerStatuses"));
        long ready =
                statuses.stream().filter(status -> status.path("ready").asBoolean(false)).count();
        return List.of(
                pod.name(),
                ready + "/" + pod.at("spec.containers").size(),
                status(pod),
                restarts(statuses, now),
                Ages.since(pod.text("metadata.creationTimestamp"), now),
                orNone(pod.text("status.podIP")),
                orNone(pod.text("spec.nodeName")),
                orNone(pod.text("status.nominatedNodeName")),
                readinessGates(pod));
    }

    private static String status(ApiObject pod) {
        String phase = pod.text("status.phase");
        String reason = pod.text("status.reason").isEmpty() ? phase : pod.text("status.reason");
        String initializing = initializing(pod);
        if (!initializing.isEmpty()) {
            reason = initializing;
        } else {
            boolean running = false;
            for (ObjectNode status : Json.objects(pod.at("status.containerStatuses")).reversed()) {
                String own = containerReason(status);
                if (!own.isEmpty()) {
                    reason = own;
                } else if (status.path("ready").asBoolean(false)
                        && status.path("state").has("running")) {
                    running = true;
                }
            }
            if (reason.equals("Completed") && running) {
                reason = isReady(pod) ? "Running" : "NotReady";
            }
        }
        if (pod.isBeingDeleted()) {
            if (pod.text("status.reason").equals("NodeLost")) {
                return "Unknown";
            }
            if (!phase.equals("Succeeded") && !phase.equals("Failed")) {
                return "Terminating";
            }
        }
        return reason;
    }

    private static String initializing(ApiObject pod) {
        int total = pod.at("spec.initContainers").size();
        int i = 0;
        for (ObjectNode status : Json.objects(pod.at("status.initContainerStatuses"))) {
            JsonNode state = status.path("state");
            boolean done =
                    state.has("terminated")
                            && state.path("terminated").path("exitCode").asInt(1) == 0;
            if (!done) {
                String reason = containerReason(status);
                return reason.isEmpty() || reason.equals("PodInitializing")
                        ? "Init:" + i + "/" + total
                        : "Init:" + reason;
            }
            i++;
        }
        return "";
    }

    private static String containerReason(ObjectNode status) {
        JsonNode state = status.path("state");
        String waiting = Json.text(state, "waiting.reason");
        if (!waiting.isEmpty()) {
            return waiting;
        }
        if (!state.has("terminated")) {
            return "";
        }
        String terminated = Json.text(state, "terminated.reason");
        if (!terminated.isEmpty()) {
            return terminated;
        }
        int signal = Json.at(state, "terminated.signal").asInt(0);
        return signal != 0
                ? "Signal:" + signal
                : "ExitCode:" + Json.at(state, "terminated.exitCode").asInt(0);
    }

    private static boolean isReady(ApiObject pod) {
        return Json.objects(pod.at("status.conditions")).stream()
                .anyMatch(condition ->
                        Json.text(condition, "type").equals("Ready")
                                && Json.text(condition, "status").equals("True"));
    }

    private static String restarts(List<ObjectNode> statuses, Instant now) {
        int restarts = 0;
        String last = "";
        for (ObjectNode status : statuses) {
            restarts += status.path("restartCount").asInt(0);
            String finished = Json.text(status, "lastState.terminated.finishedAt");
            last = finished.compareTo(last) > 0 ? finished : last;
        }
        return restarts == 0 || last.isEmpty()
                ? Integer.toString(restarts)
                : restarts + " (" + Ages.since(last, now) + " ago)";
    }

    private static String readinessGates(ApiObject pod) {
        int gates = pod.at("spec.readinessGates").size();
        if (gates == 0) {
            return "<none>";
        }
        long met =
                Json.objects(pod.at("spec.readinessGates")).stream()
                        .filter(gate ->
                                Json.objects(pod.at("status.conditions")).stream()
                                        .anyMatch(condition ->
                                                Json.text(condition, "type")
                                                                .equals(
                                                                        Json.text(
                                                                                gate,
                                                                                "conditionType"))
                                                        && Json.text(condition, "status")
                                                                .equals("True")))
                        .count();
        return met + "/" + gates;
    }

    private static String orNone(String text) {
        return text.isEmpty() ? "<none>" : text;
    }
}

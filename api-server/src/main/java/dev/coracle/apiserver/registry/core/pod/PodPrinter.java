package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
        Summary summary = new Summary(pod);
        return List.of(
                pod.name(),
                summary.ready + "/" + summary.total,
                status(pod, summary.reason),
                summary.restarts(now),
                Ages.since(pod.text("metadata.creationTimestamp"), now),
                orNone(pod.text("status.podIP")),
                orNone(pod.text("spec.nodeName")),
                orNone(pod.text("status.nominatedNodeName")),
                readinessGates(pod));
    }

    /** Counts over a pod's containers. Init containers count only if they keep running. */
    private static final class Summary {

        private final Set<String> sidecars = new HashSet<>();
        private int total;
        private int ready;
        private int restarts;
        private String lastRestart = "";
        private String reason;

        Summary(ApiObject pod) {
            reason = pod.text("status.reason");
            if (reason.isEmpty()) {
                reason = pod.text("status.phase");
            }
            if (condition(pod, "PodScheduled", "reason").equals("SchedulingGated")) {
                reason = "SchedulingGated";
            }
            for (ObjectNode container : Json.objects(pod.at("spec.initContainers"))) {
                if (Json.text(container, "restartPolicy").equals("Always")) {
                    sidecars.add(Json.text(container, "name"));
                }
            }
            total = pod.at("spec.containers").size() + sidecars.size();
            boolean initializing = initContainers(pod);
            if (!initializing || condition(pod, "Initialized", "status").equals("True")) {
                containers(pod);
            }
        }

        /** Whether an init container is not done yet; then {@code reason} says which. */
        private boolean initContainers(ApiObject pod) {
            int ofAll = 0;
            String lastOfAll = "";
            int i = 0;
            for (ObjectNode status : Json.objects(pod.at("status.initContainerStatuses"))) {
                boolean sidecar = sidecars.contains(Json.text(status, "name"));
                ofAll += status.path("restartCount").asInt(0);
                lastOfAll = later(lastOfAll, status);
                if (sidecar) {
                    countRestarts(status);
                }
                JsonNode state = status.path("state");
                boolean failed = state.path("terminated").path("exitCode").asInt(0) != 0;
                if (sidecar && status.path("started").asBoolean(false)) {
                    ready += status.path("ready").asBoolean(false) ? 1 : 0;
                } else if (!state.has("terminated") || failed) {
                    String own = containerReason(status);
                    reason =
                            own.isEmpty() || own.equals("PodInitializing")
                                    ? "Init:" + i + "/" + pod.at("spec.initContainers").size()
                                    : "Init:" + own;
                    restarts = ofAll;
                    lastRestart = lastOfAll;
                    return true;
                }
                i++;
            }
            return false;
        }

        private void containers(ApiObject pod) {
            boolean running = false;
            for (ObjectNode status : Json.objects(pod.at("status.containerStatuses")).reversed()) {
                countRestarts(status);
                String own = containerReason(status);
                if (!own.isEmpty()) {
                    reason = own;
                } else if (status.path("ready").asBoolean(false)
                        && status.path("state").has("running")) {
                    running = true;
                    ready++;
                }
            }
            if (reason.equals("Completed") && running) {
                reason = condition(pod, "Ready", "status").equals("True") ? "Running" : "NotReady";
            }
        }

        private void countRestarts(ObjectNode status) {
            restarts += status.path("restartCount").asInt(0);
            lastRestart = later(lastRestart, status);
        }

        private static String later(String time, ObjectNode status) {
            String finished = Json.text(status, "lastState.terminated.finishedAt");
            return finished.compareTo(time) > 0 ? finished : time;
        }

        String restarts(Instant now) {
            return restarts == 0 || lastRestart.isEmpty()
                    ? Integer.toString(restarts)
                    : restarts + " (" + Ages.since(lastRestart, now) + " ago)";
        }
    }

    private static String status(ApiObject pod, String reason) {
        if (!pod.isBeingDeleted()) {
            return reason;
        }
        if (pod.text("status.reason").equals("NodeLost")) {
            return "Unknown";
        }
        String phase = pod.text("status.phase");
        return phase.equals("Succeeded") || phase.equals("Failed") ? reason : "Terminating";
    }

    private static String condition(ApiObject pod, String type, String member) {
        return Json.objects(pod.at("status.conditions")).stream()
                .filter(condition -> Json.text(condition, "type").equals(type))
                .map(condition -> Json.text(condition, member))
                .findFirst()
                .orElse("");
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

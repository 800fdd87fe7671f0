package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What one watch was told, in its order. Thread-safe. */
final class WatchedObjects {

    private static final JsonMapper JSON = new JsonMapper();

    private final List<Told> told = new CopyOnWriteArrayList<>();

    private WatchedObjects() {}

    /** One event: its type and the object's name, and the object. */
    record Told(String what, JsonNode object) {}

    /** Follows objects with a label from their state now, for two minutes. */
    static WatchedObjects follow(NamespaceApi namespace, String path, String labelSelector) {
        String query = "?labelSelector=" + labelSelector;
        JsonNode list = namespace.ok("GET", path + query, "application/json", "");
        String version = NamespaceApi.text(list, "/metadata/resourceVersion");
        WatchedObjects watched = new WatchedObjects();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        namespace
                                .client()
                                .readLines(
                                        path
                                                + query
                                                + "&watch=true&timeoutSeconds=120&resourceVersion="
                                                + version,
                                        watched::accept);
                    } catch (IOException e) {
                        // the server has gone, at the end of the tests
                    }
                });
        return watched;
    }

    private boolean accept(String line) {
        JsonNode event = JSON.readTree(line);
        JsonNode object = event.path("object");
        told.add(
                new Told(
                        event.path("type").asString("") + " " + NamespaceApi.nameOf(object),
                        object));
        return true;
    }

    /** What was told so far. */
    List<Told> told() {
        return List.copyOf(told);
    }

    /** Types and names in their order. */
    List<String> sequence() {
        return told.stream().map(Told::what).toList();
    }

    /** Waits for an event, as type and name, with such an object. */
    void await(String what, Predicate<JsonNode> matches) {
        Await.until(
                NamespaceApi.PATIENCE,
                () ->
                        assertThat(told)
                                .anyMatch(t -> t.what().equals(what) && matches.test(t.object())));
    }
}

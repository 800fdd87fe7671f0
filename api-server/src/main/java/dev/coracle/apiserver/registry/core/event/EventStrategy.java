package dev.coracle.apiserver.registry.core.event;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Events of the core group. */
public final class EventStrategy implements ResourceStrategy {

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.namespaced("", "v1", "Event", "events", "io.k8s.api.core.v1.Event")
                    .withShortNames("ev");

    private static final class Printer implements TablePrinter {
        @Override
        public List<Column> columns() {
            return List.of(
                    Column.text("Last Seen"),
                    Column.text("Type"),
                    Column.text("Reason"),
                    Column.text("Object"),
                    Column.text("Subobject").wide(),
                    Column.text("Source").wide(),
                    Column.text("Message"),
                    Column.text("First Seen").wide(),
                    Column.integer("Count").wide(),
                    new Column("Name", "string", "name", 1));
        }

        @Override
        public List<Object> cells(ApiObject event, Instant now) {
            String created = event.text("metadata.creationTimestamp");
            String first =
                    orElse(event.text("firstTimestamp"), orElse(event.text("eventTime"), created));
            String last =
                    orElse(
                            event.text("series.lastObservedTime"),
                            orElse(event.text("lastTimestamp"), first));
            String component =
                    orElse(event.text("source.component"), event.text("reportingComponent"));
            String host = orElse(event.text("source.host"), event.text("reportingInstance"));
            return List.of(
                    Ages.since(last, now),
                    event.text("type"),
                    event.text("reason"),
                    event.text("involvedObject.kind").toLowerCase(Locale.ROOT)
                            + "/"
                            + event.text("involvedObject.name"),
                    event.text("involvedObject.fieldPath"),
                    host.isEmpty() ? component : component + ", " + host,
                    event.text("message").strip(),
                    Ages.since(first, now),
                    event.at("series.count").asInt(event.at("count").asInt(1)),
                    event.name());
        }

        private static String orElse(String text, String other) {
            return text.isEmpty() ? other : text;
        }
    }

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return new Printer();
    }

    @Override
    public Map<String, String> selectableFields(ApiObject event) {
        Map<String, String> fields = new TreeMap<>();
        for (String member :
                List.of(
                        "kind",
                        "namespace",
                        "name",
                        "uid",
                        "apiVersion",
                        "resourceVersion",
                        "fieldPath")) {
            fields.put("involvedObject." + member, event.text("involvedObject." + member));
        }
        fields.put("reason", event.text("reason"));
        fields.put("type", event.text("type"));
        fields.put("reportingComponent", event.text("reportingComponent"));
        fields.put("source", event.text("source.component"));
        return fields;
    }

    @Override
    public void applyDefaults(ApiObject object) {
        Json.setDefault(object.tree(), "type", "Normal");
    }

    @Override
    public List<FieldError> validate(ApiObject event) {
        String involved = event.text("involvedObject.namespace");
        boolean clusterScoped = involved.isEmpty() && event.namespace().equals("default");
        return clusterScoped || involved.equals(event.namespace())
                ? List.of()
                : List.of(
                        FieldError.invalid(
                                "involvedObject.namespace",
                                involved,
                                "does not match event.namespace"));
    }
}

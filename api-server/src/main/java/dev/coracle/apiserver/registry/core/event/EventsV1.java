package dev.coracle.apiserver.registry.core.event;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ConvertedStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** Events as {@code events.k8s.io/v1} has them: the same objects with other names for members. */
public final class EventsV1 implements ConvertedStrategy.Conversion {

    /** The members that have another name: served and stored. */
    private static final Map<String, String> MEMBERS =
            Map.of(
                    "note", "message",
                    "regarding", "involvedObject",
                    "reportingController", "reportingComponent",
                    "deprecatedSource", "source",
                    "deprecatedFirstTimestamp", "firstTimestamp",
                    "deprecatedLastTimestamp", "lastTimestamp",
                    "deprecatedCount", "count");

    private EventsV1() {}

    /** The strategy for events that are stored by {@code stored}. */
    public static ResourceStrategy strategy(ResourceStrategy stored) {
        Map<String, String> labels = new TreeMap<>();
        for (String member :
                List.of(
                        "kind",
                        "namespace",
                        "name",
                        "uid",
                        "apiVersion",
                        "resourceVersion",
                        "fieldPath")) {
            labels.put("regarding." + member, "involvedObject." + member);
        }
        labels.put("reason", "reason");
        labels.put("type", "type");
        labels.put("reportingController", "reportingComponent");
        return new ConvertedStrategy(
                stored,
                ResourceDefinition.namespaced(
                                "events.k8s.io",
                                "v1",
                                "Event",
                                "events",
                                "io.k8s.api.events.v1.Event")
                        .withShortNames("ev"),
                labels,
                new EventsV1());
    }

    @Override
    public ApiObject toServed(ApiObject stored) {
        stored.tree().put("apiVersion", "events.k8s.io/v1");
        Map<String, String> names = new LinkedHashMap<>();
        MEMBERS.forEach((served, core) -> names.put(core, served));
        rename(stored, names);
        return stored;
    }

    @Override
    public ApiObject toStored(ApiObject served) {
        served.tree().put("apiVersion", "v1");
        rename(served, MEMBERS);
        Json.object(served.tree(), "involvedObject");
        return served;
    }

    /** A new event says who saw what, and when; an older one is only kept. */
    @Override
    public List<FieldError> validate(ApiObject stored) {
        boolean created = stored.resourceVersion().isEmpty();
        return created ? Check.object(stored, EventsV1::rules) : List.of();
    }

    private static void rules(Check event) {
        event.required("eventTime");
        String controller = event.text("reportingComponent");
        if (controller.isEmpty()) {
            event.add(FieldError.required("reportingController", ""));
        } else if (Names.qualifiedName(controller) != null) {
            event.add(
                    FieldError.invalid(
                            "reportingController",
                            controller,
                            String.valueOf(Names.qualifiedName(controller))));
        }
        for (String member : List.of("reportingInstance", "action", "reason")) {
            event.required(member);
            if (event.text(member).length() > 128) {
                event.invalid(member, "can have at most 128 characters");
            }
        }
        if (event.text("message").length() > 1024) {
            event.invalid("message", "can have at most 1024 characters");
        }
        event.supported("type", "Normal", "Warning");
    }

    private static void rename(ApiObject event, Map<String, String> names) {
        names.forEach((from, to) -> {
            JsonNode value = event.tree().path(from);
            if (!value.isMissingNode()) {
                event.tree().remove(from);
                event.tree().set(to, value);
            }
        });
    }
}

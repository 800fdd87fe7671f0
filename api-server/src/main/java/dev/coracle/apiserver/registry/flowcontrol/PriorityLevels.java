package dev.coracle.apiserver.registry.flowcontrol;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.table.Columns;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** PriorityLevelConfigurations. */
public final class PriorityLevels {

    private PriorityLevels() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        FlowSchemas.GROUP,
                                        "v1",
                                        "PriorityLevelConfiguration",
                                        "prioritylevelconfigurations",
                                        "io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration")
                                .with(Subresource.STATUS))
                .printedBy(
                        Columns.named()
                                .text("Type", level -> level.text("spec.type"))
                                .textOrNone("NominalConcurrencyShares", PriorityLevels::shares)
                                .textOrNone("Queues", level -> queuing(level, "queues"))
                                .textOrNone("HandSize", level -> queuing(level, "handSize"))
                                .textOrNone(
                                        "QueueLengthLimit",
                                        level -> queuing(level, "queueLengthLimit"))
                                .age())
                .defaults(PriorityLevels::defaults)
                .withGeneration()
                .rules(level -> rules(level.in("spec"), level.text("metadata.name")))
                .build();
    }

    private static void defaults(ApiObject level) {
        ObjectNode spec = level.spec();
        if (Json.text(spec, "type").equals("Exempt")) {
            ObjectNode exempt = Json.object(spec, "exempt");
            Json.setDefault(exempt, "nominalConcurrencyShares", 0);
            Json.setDefault(exempt, "lendablePercent", 0);
        }
        if (spec.path("limited") instanceof ObjectNode limited) {
            Json.setDefault(limited, "nominalConcurrencyShares", 30);
            Json.setDefault(limited, "lendablePercent", 0);
            if (Json.at(limited, "limitResponse.queuing") instanceof ObjectNode queuing) {
                Json.setDefault(queuing, "queues", 64);
                Json.setDefault(queuing, "handSize", 8);
                Json.setDefault(queuing, "queueLengthLimit", 50);
            }
        }
    }

    private static void rules(Check spec, String name) {
        String type = spec.text("type");
        spec.required("type").supported("type", "Exempt", "Limited");
        if (name.equals("exempt") && !type.equals("Exempt")) {
            spec.invalid("type", "must be 'Exempt' if the priority level is named 'exempt'");
        }
        boolean limited = spec.node().path("limited").isObject();
        boolean exempt = spec.node().path("exempt").isObject();
        if (type.equals("Limited")) {
            if (!limited) {
                spec.required("limited", "must not be empty when type is Limited");
            }
            if (exempt) {
                spec.forbidden("exempt", "must be nil if the type is Limited");
            }
            spec.ifPresent("limited", PriorityLevels::limited);
        } else if (type.equals("Exempt")) {
            if (limited) {
                spec.forbidden("limited", "must be nil if the type is not Limited");
            }
            spec.ifPresent("exempt", PriorityLevels::shared);
        }
    }

    private static void shared(Check level) {
        level.notNegative("nominalConcurrencyShares").between("lendablePercent", 0, 100);
    }

    private static void limited(Check limited) {
        shared(limited);
        limited.notNegative("borrowingLimitPercent");
        Check response = limited.in("limitResponse");
        String type = response.text("type");
        response.required("type").supported("type", "Queue", "Reject");
        boolean queuing = response.node().path("queuing").isObject();
        if (type.equals("Reject") && queuing) {
            response.forbidden(
                    "queuing", "must be nil if limited.limitResponse.type is not Limited");
        } else if (type.equals("Queue") && !queuing) {
            response.required(
                    "queuing", "must not be empty if limited.limitResponse.type is Limited");
        }
        response.ifPresent(
                "queuing",
                queue -> {
                    queue.positive("queues").positive("handSize").positive("queueLengthLimit");
                    JsonNode hand = queue.node().path("handSize");
                    JsonNode queues = queue.node().path("queues");
                    if (hand.asLong(0) > queues.asLong(Long.MAX_VALUE)) {
                        queue.invalid(
                                "handSize",
                                "should not be greater than queues (" + queues.asLong() + ")");
                    }
                });
    }

    private static String shares(ApiObject level) {
        String member = level.text("spec.type").equals("Exempt") ? "spec.exempt." : "spec.limited.";
        return level.text(member + "nominalConcurrencyShares");
    }

    private static String queuing(ApiObject level, String member) {
        return level.text("spec.limited.limitResponse.queuing." + member);
    }
}

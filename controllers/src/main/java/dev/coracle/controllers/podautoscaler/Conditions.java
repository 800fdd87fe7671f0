package dev.coracle.controllers.podautoscaler;

import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** The conditions of an autoscaler, beginning with those it has. */
final class Conditions {

    static final String ABLE = "AbleToScale";
    static final String ACTIVE = "ScalingActive";
    static final String LIMITED = "ScalingLimited";

    private final List<HorizontalPodAutoscalerCondition> all = new ArrayList<>();
    private final String now;

    Conditions(HorizontalPodAutoscaler autoscaler, Instant now) {
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
        if (autoscaler.getStatus() != null && autoscaler.getStatus().getConditions() != null) {
            all.addAll(autoscaler.getStatus().getConditions());
        }
    }

    /** The time of the last transition stays when the status does. */
    void set(String type, boolean isTrue, String reason, String message) {
        String status = isTrue ? "True" : "False";
        String since = now;
        int place = all.size();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).getType().equals(type)) {
                place = i;
                since =
                        all.get(i).getStatus().equals(status)
                                ? all.get(i).getLastTransitionTime()
                                : now;
            }
        }
        HorizontalPodAutoscalerCondition condition =
                new HorizontalPodAutoscalerConditionBuilder()
                        .withType(type)
                        .withStatus(status)
                        .withReason(reason)
                        .withMessage(message)
                        .withLastTransitionTime(since)
                        .build();
        if (place == all.size()) {
            all.add(condition);
        } else {
            all.set(place, condition);
        }
    }

    List<HorizontalPodAutoscalerCondition> list() {
        return List.copyOf(all);
    }
}

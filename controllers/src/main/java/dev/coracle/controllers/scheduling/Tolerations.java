package dev.coracle.controllers.scheduling;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;

/** Which taints a pod puts up with. */
final class Tolerations {

    private Tolerations() {}

    static boolean tolerates(Pod pod, Taint taint) {
        List<Toleration> tolerations = pod.getSpec().getTolerations();
        return tolerations != null && tolerations.stream().anyMatch(t -> matches(t, taint));
    }

    private static boolean matches(Toleration toleration, Taint taint) {
        if (isSet(toleration.getEffect()) && !toleration.getEffect().equals(taint.getEffect())) {
            return false;
        }
        if (isSet(toleration.getKey()) && !toleration.getKey().equals(taint.getKey())) {
            return false;
        }
        if ("Exists".equals(toleration.getOperator())) {
            return true;
        }
        String value = toleration.getValue() == null ? "" : toleration.getValue();
        return isSet(toleration.getKey())
                && value.equals(taint.getValue() == null ? "" : taint.getValue());
    }

    private static boolean isSet(String text) {
        return text != null && !text.isEmpty();
    }
}

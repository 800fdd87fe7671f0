package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.pod.PodApi.EventType;
import dev.coracle.nodeagent.timing.Timers;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/** What the parts of one pod worker share. Confined to it, but for events and signals. */
final class PodContext {

    private final PodHost host;
    private final Consumer<PodSignal> signals;
    private volatile Pod pod;
    private volatile PodFacts facts;

    PodContext(Pod pod, PodHost host, Consumer<PodSignal> signals) {
        this.pod = pod;
        this.host = host;
        this.signals = signals;
        String begun = pod.getStatus() == null ? null : pod.getStatus().getStartTime();
        this.facts =
                new PodFacts(
                        host.nodeName(),
                        host.nodeAddress(),
                        "",
                        begun == null ? host.tools().clock().instant() : Instant.parse(begun));
    }

    Pod pod() {
        return pod;
    }

    void pod(Pod changed) {
        pod = changed;
    }

    PodFacts facts() {
        return facts;
    }

    void facts(PodFacts changed) {
        facts = changed;
    }

    PodHost host() {
        return host;
    }

    PodHost.Tools tools() {
        return host.tools();
    }

    Instant now() {
        return host.tools().clock().instant();
    }

    String name() {
        return pod.getMetadata().getName();
    }

    String restartPolicy() {
        return PodRules.restartPolicy(pod);
    }

    void signal(PodSignal signal) {
        signals.accept(signal);
    }

    Timers.Timer later(Duration delay, PodSignal signal) {
        return host.tools().timers().after(delay, () -> signals.accept(signal));
    }

    void normal(String reason, String message) {
        host.tools().api().event(pod, EventType.NORMAL, reason, message);
    }

    void warning(String reason, String message) {
        host.tools().api().event(pod, EventType.WARNING, reason, message);
    }
}

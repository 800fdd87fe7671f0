package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.pod.PodSignal.ProbeKind;
import dev.coracle.nodeagent.probe.ProbeLoop;
import java.util.function.Consumer;

/** Turns what a probe of one run finds into signals and warnings. */
record ProbeVerdicts(
        String container,
        String runId,
        ProbeKind kind,
        Consumer<PodSignal> signals,
        Consumer<String> warnings)
        implements ProbeLoop.Listener {

    @Override
    public void failed(String message) {
        warnings.accept(kind.text() + " probe failed: " + message);
    }

    @Override
    public void verdict(boolean healthy, String message) {
        signals.accept(new PodSignal.Probed(container, runId, kind, healthy, message));
    }
}

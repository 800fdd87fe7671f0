package dev.coracle.nodeagent;

import dev.coracle.nodeagent.probe.ProbeMetrics;
import dev.coracle.nodeagent.server.Reply;
import dev.coracle.nodeagent.stats.StatsSummary;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Supplier;

/** The pages of the kubelet API about what is used, by path. */
final class StatsPages {

    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private StatsPages() {}

    static Map<String, Supplier<Reply>> of(StatsSummary summary, ProbeMetrics probes) {
        return Map.of(
                "/stats/summary",
                () -> page(() -> Reply.json(Serialization.asJson(summary.summary()))),
                "/metrics/resource",
                () -> page(() -> text(summary.resourceMetrics().getBytes(StandardCharsets.UTF_8))),
                "/metrics/probes",
                () -> page(() -> text(write(probes))));
    }

    private static byte[] write(ProbeMetrics probes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.builder().build().write(out, probes.registry().scrape());
        return out.toByteArray();
    }

    private static Reply text(byte[] body) {
        return new Reply.Page(200, TEXT, body);
    }

    private static Reply page(Page page) {
        try {
            return page.make();
        } catch (IOException e) {
            return Reply.text(500, String.valueOf(e.getMessage()));
        }
    }

    @FunctionalInterface
    private interface Page {
        Reply make() throws IOException;
    }
}

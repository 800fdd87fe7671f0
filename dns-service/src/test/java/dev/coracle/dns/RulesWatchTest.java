package dev.coracle.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.coracle.dns.metrics.DnsMetrics;
import dev.coracle.dns.rules.Rules;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulesWatchTest {

    private final DnsMetrics metrics = new DnsMetrics(InstantSource.system());
    private final List<Rules> seen = new CopyOnWriteArrayList<>();

    @TempDir private Path directory;

    @Test
    void readsAgainAndKeepsWhatWasRight() throws IOException {
        Path file = directory.resolve("rules.yaml");
        Files.writeString(file, "");
        try (RulesWatch _ = RulesWatch.start(file, seen::add, metrics)) {
            assertThat(seen).containsExactly(Rules.NONE);
            Files.writeString(file, "rewrites: [{name: a.b}]");
            await().until(() -> metric().contains("coredns_reload_failed_total 1.0"));
            Files.writeString(file, "hosts: [{address: 192.0.2.1, names: [a.b]}]");
            await().until(() -> seen.size() == 2);
            assertThat(seen.getLast().hosts()).hasSize(1);
        }
    }

    private String metric() {
        return new String(metrics.text(), StandardCharsets.UTF_8);
    }

    @Test
    void refusesToStartWithAWrongFile() throws IOException {
        Path file = directory.resolve("rules.yaml");
        Files.writeString(file, "hosts: 1");
        assertThatThrownBy(() -> RulesWatch.start(file, seen::add, metrics))
                .hasMessageContaining("hosts: expected a list, got '1'");
    }
}

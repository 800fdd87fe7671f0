package dev.coracle.cluster.command;

import dev.coracle.cluster.RunFile;
import dev.coracle.cluster.part.StartupException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code coracle status}: the health of each part; exit code 0 when all is well. */
@Command(
        name = "status",
        description = "Print the health of each part.",
        mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws GeneralSecurityException, InterruptedException {
        RunFile running =
                RunFile.findLiving()
                        .orElseThrow(() ->
                                new StartupException(
                                        "no cluster is running; 'coracle up' starts one"));
        PrintWriter out = spec.commandLine().getOut();
        Map<String, JsonNode> parts = new TreeMap<>();
        JsonNode health;
        try {
            health =
                    JsonMapper.shared()
                            .readTree(
                                    AdminRequest.get(
                                            running,
                                            "/actuator/health",
                                            HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new StartupException(
                    "process "
                            + running.pid()
                            + " runs, but its API server does not answer on port "
                            + running.apiPort()
                            + ": "
                            + e.getMessage());
        }
        health.path("components")
                .properties()
                .forEach(entry -> parts.put(entry.getKey(), entry.getValue()));
        parts.forEach((name, part) ->
                out.printf(
                        "  %-18s %-5s %s%n",
                        name,
                        part.path("status").asString(),
                        part.path("details").path("about").asString("")));
        boolean up = health.path("status").asString("").equals("UP");
        out.printf(
                "process %d, state in %s: %s%n",
                running.pid(), running.data(), up ? "all is well" : "not all is well");
        return up ? 0 : 1;
    }
}

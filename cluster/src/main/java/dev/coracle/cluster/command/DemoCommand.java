package dev.coracle.cluster.command;

import dev.coracle.cluster.DemoFlow;
import dev.coracle.cluster.RunFile;
import dev.coracle.cluster.fabric.Outside;
import dev.coracle.cluster.part.StartupException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code coracle demo}: applies the complete flow and sends requests through it. */
@Command(
        name = "demo",
        description =
                "Apply a Deployment, a Service and an Ingress, and send requests through them.",
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {

    @Option(
            names = "--requests",
            description = "how many (default: ${DEFAULT-VALUE})",
            defaultValue = "100")
    private int requests;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        if (requests < 1 || requests > 100_000) {
            throw new StartupException("--requests must be 1 to 100000, not " + requests);
        }
        RunFile running =
                RunFile.findLiving()
                        .orElseThrow(() ->
                                new StartupException(
                                        "no cluster is running; 'coracle up' starts one"));
        PrintWriter out = spec.commandLine().getOut();
        Config config =
                new ConfigBuilder(
                                Config.fromKubeconfig(
                                        running.data().resolve("kubeconfig").toFile()))
                        .withOnlyHttpWatches(true)
                        .build();
        try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
            Map<String, Integer> answers =
                    new DemoFlow(client, out, Outside.of(running.fabric())).run(requests);
            out.printf("%d requests, all answered:%n", requests);
            answers.forEach((pod, count) -> out.printf("  %-28s %d%n", pod, count));
            out.println("Try: curl -H 'Host: app.mydomain.com' http://<load balancer>/");
            return 0;
        } catch (IOException | KubernetesClientException e) {
            throw new StartupException("the flow does not work: " + e.getMessage());
        }
    }
}

package dev.coracle.controllers;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;

/**
 * The control loops as a process of their own, beside an API server that runs none: one argument,
 * the path of a kubeconfig. There must be one such process only: it does not ask for its turn.
 */
public final class ControllersMain {

    private ControllersMain() {}

    /** Works until the process is ended. */
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("usage: ControllersMain KUBECONFIG");
        }
        Config config =
                new ConfigBuilder(Config.fromKubeconfig(new File(arguments[0])))
                        .withOnlyHttpWatches(true)
                        .build();
        String authority =
                new String(
                        Base64.getDecoder().decode(config.getCaCertData()),
                        StandardCharsets.US_ASCII);
        try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build();
                ControllerSet loops =
                        ControllerSet.create(
                                client,
                                ControllerProperties.defaults(authority),
                                InstantSource.system())) {
            loops.start();
            new CountDownLatch(1).await();
        }
    }
}

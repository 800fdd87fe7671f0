package dev.coracle.cluster.command;

import dev.coracle.cluster.RunFile;
import dev.coracle.cluster.part.StartupException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
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
            health = health(running);
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

    private static JsonNode health(RunFile running)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path pki = running.data().resolve("pki");
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(trusting(pki.resolve("ca.crt")))
                        .connectTimeout(Duration.ofSeconds(5))
                        .build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "https://127.0.0.1:"
                                                    + running.apiPort()
                                                    + "/actuator/health"))
                            .timeout(Duration.ofSeconds(10))
                            .header(
                                    "Authorization",
                                    "Bearer "
                                            + Files.readString(pki.resolve("admin.token")).strip())
                            .build();
            return JsonMapper.shared()
                    .readTree(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
        }
    }

    private static SSLContext trusting(Path authority)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(authority)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}

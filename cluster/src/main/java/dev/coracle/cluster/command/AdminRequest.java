package dev.coracle.cluster.command;

import dev.coracle.cluster.RunFile;
import java.io.IOException;
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
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A request to the running cluster's API server with the administrator's token. */
final class AdminRequest {

    private AdminRequest() {}

    /** Sends a GET; whatever the answer's code, returns its body. */
    static <T> T get(RunFile running, String path, HttpResponse.BodyHandler<T> body)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path pki = running.data().resolve("pki");
        try (HttpClient client =
                HttpClient.newBuilder()
                        .sslContext(trusting(pki.resolve("ca.crt")))
                        .connectTimeout(Duration.ofSeconds(5))
                        .build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create("https://127.0.0.1:" + running.apiPort() + path))
                            .timeout(Duration.ofSeconds(10))
                            .header(
                                    "Authorization",
                                    "Bearer "
                                            + Files.readString(pki.resolve("admin.token")).strip())
                            .build();
            return client.send(request, body).body();
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

package dev.coracle.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The JDK's HTTP client, with the administrator's token and the cluster's authority. Thread-safe.
 */
final class ApiClient implements AutoCloseable {

    private static final Pattern RESOURCE_VERSION = Pattern.compile("\"resourceVersion\":\"(\\d+)");

    private final HttpClient client;
    private final URI server;
    private final String token;

    private ApiClient(HttpClient client, URI server, String token) {
        this.client = client;
        this.server = server;
        this.token = token;
    }

    /** A client of the API server with its state in {@code data}. */
    static ApiClient of(Path data, int port) throws IOException {
        return new ApiClient(
                HttpClient.newBuilder().sslContext(trust(data)).build(),
                URI.create("https://127.0.0.1:" + port),
                Files.readString(data.resolve("pki/admin.token")).strip());
    }

    /** Trusts the authority of the API server with its state in {@code data}. */
    static SSLContext trust(Path data) throws IOException {
        try (InputStream authority = Files.newInputStream(data.resolve("pki/ca.crt"))) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(authority));
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return tls;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Sends one request.
     *
     * @return the answer's body
     * @throws IOException when there was no answer
     * @throws AssertionError when the answer is no success
     */
    String send(String method, String path, String body) throws IOException {
        HttpResponse<String> response =
                exchange(
                        method,
                        path,
                        Map.of("Content-Type", "application/json"),
                        body.getBytes(StandardCharsets.UTF_8));
        if (response.statusCode() / 100 != 2) {
            throw new AssertionError(
                    method + " " + path + ": " + response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    /**
     * Sends one request and returns whatever is answered within 20 seconds.
     *
     * @param headers beside the token, which they may replace
     */
    HttpResponse<String> exchange(
            String method, String path, Map<String, String> headers, byte[] body)
            throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server + path))
                        .timeout(Duration.ofSeconds(20))
                        .setHeader("Authorization", "Bearer " + token)
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::setHeader);
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /**
     * Sends a GET and hands over the answer line by line until {@code more} says no, or it ends.
     *
     * @throws IOException when there was no answer, or it broke off
     * @throws AssertionError when the answer is no success
     */
    void readLines(String path, Predicate<String> more) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(server + path))
                        .setHeader("Authorization", "Bearer " + token)
                        .build();
        try {
            HttpResponse<InputStream> response =
                    client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (BufferedReader lines =
                    new BufferedReader(
                            new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                if (response.statusCode() != 200) {
                    throw new AssertionError(path + ": " + lines.readLine());
                }
                String line = lines.readLine();
                while (line != null && more.test(line)) {
                    line = lines.readLine();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The first resourceVersion in an answer: an object's own, or an empty list's. */
    static long resourceVersion(String answer) {
        Matcher found = RESOURCE_VERSION.matcher(answer);
        if (!found.find()) {
            throw new AssertionError("no resourceVersion in: " + answer);
        }
        return Long.parseLong(found.group(1));
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}

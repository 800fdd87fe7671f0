package dev.coracle.nodeagent.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coracle.nodeagent.image.TestImage;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A registry on 127.0.0.1 with TLS, to be read by one user. */
final class TestRegistry implements AutoCloseable {

    static final RegistryLogin LOGIN = new RegistryLogin("reader", "secret:1");

    private final Map<String, byte[]> content = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final HttpsServer server;
    private final Path authority;
    private final boolean tokens;

    /**
     * Starts it.
     *
     * @param tokens whether it wants tokens instead of passwords
     */
    TestRegistry(Path folder, boolean tokens) throws Exception {
        this.tokens = tokens;
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair keys = generator.generateKeyPair();
        X509Certificate certificate = certificate(keys);
        authority = folder.resolve("authority.pem");
        Files.writeString(
                authority,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "registry",
                keys.getPrivate(),
                new char[0],
                new java.security.cert.Certificate[] {certificate});
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    private static X509Certificate certificate(KeyPair keys) throws Exception {
        X500Name name = new X500Name("CN=test registry");
        Instant from = Instant.now().minus(Duration.ofHours(1));
        return new JcaX509CertificateConverter()
                .getCertificate(
                        new JcaX509v3CertificateBuilder(
                                        name,
                                        BigInteger.ONE,
                                        Date.from(from),
                                        Date.from(from.plus(Duration.ofDays(1))),
                                        name,
                                        keys.getPublic())
                                .addExtension(
                                        Extension.subjectAlternativeName,
                                        false,
                                        new GeneralNames(
                                                new GeneralName[] {
                                                    new GeneralName(
                                                            GeneralName.dNSName, "localhost"),
                                                    new GeneralName(
                                                            GeneralName.iPAddress, "127.0.0.1")
                                                }))
                                .build(
                                        new JcaContentSignerBuilder("SHA256withECDSA")
                                                .build(keys.getPrivate())));
    }

    String host() {
        return "localhost:" + server.getAddress().getPort();
    }

    Path authority() {
        return authority;
    }

    /** Paths that were asked for, in order. */
    List<String> requests() {
        return requests;
    }

    void put(String repository, String tag, TestImage image) throws IOException {
        for (Map.Entry<String, byte[]> blob : image.blobs().entrySet()) {
            content.put("/v2/" + repository + "/blobs/" + blob.getKey(), blob.getValue());
        }
        byte[] manifest = List.copyOf(image.blobs().values()).getLast();
        content.put("/v2/" + repository + "/manifests/" + tag, manifest);
        content.put("/v2/" + repository + "/manifests/" + image.digest(), manifest);
    }

    /** Answers something else from now on. */
    void replace(String path, byte[] bytes) {
        content.put(path, bytes);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add(path);
        String sent = exchange.getRequestHeaders().getFirst("Authorization");
        String basic = LOGIN.basic();
        if (path.equals("/token")) {
            boolean known = basic.equals(sent);
            reply(
                    exchange,
                    known ? 200 : 401,
                    "{\"token\":\"t1\"}".getBytes(StandardCharsets.UTF_8));
            return;
        }
        if (path.startsWith("/moved")) {
            boolean open = sent == null;
            byte[] bytes = content.get(path.substring("/moved".length()));
            reply(exchange, open && bytes != null ? 200 : 400, bytes == null ? new byte[0] : bytes);
            return;
        }
        if (!(tokens ? "Bearer t1" : basic).equals(sent)) {
            exchange.getResponseHeaders()
                    .add(
                            "WWW-Authenticate",
                            tokens
                                    ? "Bearer realm=\"https://"
                                            + host()
                                            + "/token\",service=\"test\",scope=\"repository:x:pull\""
                                    : "Basic realm=\"test\"");
            reply(exchange, 401, new byte[0]);
            return;
        }
        byte[] bytes = content.get(path);
        if (bytes != null && path.contains("/blobs/") && tokens) {
            String elsewhere = "https://127.0.0.1:" + server.getAddress().getPort();
            exchange.getResponseHeaders().add("Location", elsewhere + "/moved" + path);
            reply(exchange, 307, new byte[0]);
            return;
        }
        reply(exchange, bytes == null ? 404 : 200, bytes == null ? new byte[0] : bytes);
    }

    private static void reply(HttpExchange exchange, int status, byte[] bytes) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

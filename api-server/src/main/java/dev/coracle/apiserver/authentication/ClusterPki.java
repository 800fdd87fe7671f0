package dev.coracle.apiserver.authentication;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is below {@code <data>/pki}: the authority, made at the first start and kept, and the API
 * server's certificate, made anew at each start. Also writes kubeconfigs.
 */
public final class ClusterPki {

    private static final String ADMIN_GROUP = "system:masters";

    // certificates are replaced when they have less than this to live
    private static final Duration RENEWAL = Duration.ofDays(30);

    private final Path data;
    private final CertificateAuthority authority;
    private final Credentials server;
    private final String adminToken;

    private ClusterPki(
            Path data, CertificateAuthority authority, Credentials server, String adminToken) {
        this.data = data;
        this.authority = authority;
        this.server = server;
        this.adminToken = adminToken;
    }

    /**
     * Loads or makes the authority.
     *
     * @param serverNames DNS names and IPv4 addresses of the API server, beside the ones every
     *     cluster has
     * @throws IOException when the directory cannot be read or written
     */
    public static ClusterPki open(Path data, List<String> serverNames, Instant now)
            throws IOException, GeneralSecurityException {
        Path pki = Files.createDirectories(data.resolve("pki"));
        CertificateAuthority authority;
        if (Files.exists(pki.resolve("ca.key"))) {
            authority = new CertificateAuthority(Credentials.read(pki, "ca"));
        } else {
            authority = CertificateAuthority.create("coracle", now);
            authority.own().write(pki, "ca");
        }
        List<String> names = new ArrayList<>(serverNames);
        names.addAll(
                List.of(
                        "localhost",
                        "127.0.0.1",
                        "kubernetes",
                        "kubernetes.default",
                        "kubernetes.default.svc",
                        "kubernetes.default.svc.cluster.local"));
        Credentials server = server(pki, authority, new TreeSet<>(names), now);
        return new ClusterPki(data, authority, server, adminToken(pki));
    }

    public CertificateAuthority authority() {
        return authority;
    }

    /** The API server's certificate and key. */
    public Credentials server() {
        return server;
    }

    /**
     * A bearer token with the rights of the administrator, for clients without certificates, such
     * as a browser's page.
     */
    public String adminToken() {
        return adminToken;
    }

    /** The pair that service accounts' tokens are signed with; made once and kept. */
    public KeyPair serviceAccountKeys() throws IOException, GeneralSecurityException {
        Path file = data.resolve("pki").resolve("sa.key");
        if (!Files.exists(file)) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair made = generator.generateKeyPair();
            Credentials.writePrivate(file, Credentials.pem(made.getPrivate()));
            return made;
        }
        RSAPrivateCrtKey key = (RSAPrivateCrtKey) Credentials.privateKey(file, "RSA");
        PublicKey open =
                KeyFactory.getInstance("RSA")
                        .generatePublic(
                                new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent()));
        return new KeyPair(open, key);
    }

    /** Writes {@code <data>/kubeconfig}, the administrator's; returns its path. */
    public Path writeAdminKubeconfig(String url, Instant now)
            throws IOException, GeneralSecurityException {
        Path file = data.resolve("kubeconfig");
        Credentials.writePrivate(
                file, kubeconfig(url, "kubernetes-admin", client("kubernetes-admin", now)));
        return file;
    }

    /**
     * Writes {@code <directory>/<name>/kubeconfig} for another part of the cluster, with the rights
     * that RBAC gives its user.
     *
     * @param name the last element of this path is a node's name, {@code node-...}, or a service's
     */
    public Path writeIdentity(Path directory, String name, String url, Instant now)
            throws IOException, GeneralSecurityException {
        Path folder = Files.createDirectories(directory.resolve(name));
        String who = Path.of(name).getFileName().toString();
        boolean node = who.startsWith("node-");
        String user = (node ? "system:node:" : "system:coracle:") + who;
        Path file = folder.resolve("kubeconfig");
        Credentials.writePrivate(
                file,
                kubeconfig(
                        url, user, client(user, node ? List.of("system:nodes") : List.of(), now)));
        return file;
    }

    /** A kubeconfig for a part of the control plane, which logs in as {@code user}. */
    public String componentKubeconfig(String url, String user, Instant now)
            throws IOException, GeneralSecurityException {
        return kubeconfig(url, user, client(user, now));
    }

    /** A client's certificate for a part of the control plane, with the administrator's rights. */
    public Credentials component(String user, Instant now)
            throws IOException, GeneralSecurityException {
        return client(user, now);
    }

    /**
     * The API server's certificate: the kept one while it is good and for the same names, else a
     * new one.
     */
    private static Credentials server(
            Path pki, CertificateAuthority authority, SortedSet<String> names, Instant now)
            throws IOException, GeneralSecurityException {
        if (Files.exists(pki.resolve("apiserver.key"))) {
            Credentials kept = Credentials.read(pki, "apiserver");
            if (isGood(kept, now) && kept.alternativeNames().equals(names)) {
                return kept;
            }
        }
        Credentials issued = authority.issueServer("kube-apiserver", List.copyOf(names), now);
        issued.write(pki, "apiserver");
        return issued;
    }

    private static boolean isGood(Credentials kept, Instant now) {
        return kept.certificate().getNotAfter().toInstant().isAfter(now.plus(RENEWAL));
    }

    /** The user's certificate: the kept one while it is good for some time, else a new one. */
    private Credentials client(String user, Instant now)
            throws IOException, GeneralSecurityException {
        return client(user, List.of(ADMIN_GROUP), now);
    }

    private Credentials client(String user, List<String> groups, Instant now)
            throws IOException, GeneralSecurityException {
        Path pki = data.resolve("pki");
        String file = user.replace(':', '_');
        if (Files.exists(pki.resolve(file + ".key"))) {
            Credentials kept = Credentials.read(pki, file);
            if (isGood(kept, now)) {
                return kept;
            }
        }
        Credentials issued = authority.issueClient(user, groups, now);
        issued.write(pki, file);
        return issued;
    }

    private String kubeconfig(String url, String user, Credentials credentials) {
        return """
        apiVersion: v1
        kind: Config
        clusters:
        - name: coracle
          cluster:
            server: %s
            certificate-authority-data: %s
        users:
        - name: %s
          user:
            client-certificate-data: %s
            client-key-data: %s
        contexts:
        - name: coracle
          context:
            cluster: coracle
            user: %s
        current-context: coracle
        """
                .formatted(
                        url,
                        base64(authority.own().certificatePem()),
                        user,
                        base64(credentials.certificatePem()),
                        base64(credentials.keyPem()),
                        user);
    }

    private static String adminToken(Path pki) throws IOException {
        Path file = pki.resolve("admin.token");
        if (!Files.exists(file)) {
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            Credentials.writePrivate(file, HexFormat.of().formatHex(random) + "\n");
        }
        return Files.readString(file).strip();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}

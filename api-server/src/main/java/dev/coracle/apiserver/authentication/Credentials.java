package dev.coracle.apiserver.authentication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.SortedSet;
import java.util.TreeSet;

/** A certificate and its private key, and their PEM files. */
public record Credentials(X509Certificate certificate, PrivateKey key) {

    /** Reads {@code <name>.crt} and {@code <name>.key}. */
    static Credentials read(Path directory, String name)
            throws IOException, GeneralSecurityException {
        X509Certificate certificate;
        try (var in = Files.newInputStream(directory.resolve(name + ".crt"))) {
            certificate =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
        PrivateKey key =
                privateKey(
                        directory.resolve(name + ".key"),
                        certificate.getPublicKey().getAlgorithm());
        return new Credentials(certificate, key);
    }

    /** Reads a private key in PEM. */
    static PrivateKey privateKey(Path file, String algorithm)
            throws IOException, GeneralSecurityException {
        byte[] der =
                Base64.getMimeDecoder()
                        .decode(
                                Files.readString(file)
                                        .replaceAll("-----[A-Z ]+-----", "")
                                        .replaceAll("\\s", ""));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    /** Writes {@code <name>.crt} and, readable only by the owner, {@code <name>.key}. */
    void write(Path directory, String name) throws IOException {
        Files.writeString(directory.resolve(name + ".crt"), certificatePem());
        writePrivate(directory.resolve(name + ".key"), keyPem());
    }

    /** Writes a file that only its owner may read. */
    static void writePrivate(Path file, String text) throws IOException {
        Path temporary =
                Files.createTempFile(
                        file.toAbsolutePath().getParent(),
                        ".tmp",
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(temporary, text);
        Files.move(
                temporary,
                file,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING,
                java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    /** The DNS names and IP addresses in the certificate. */
    SortedSet<String> alternativeNames() throws CertificateParsingException {
        SortedSet<String> names = new TreeSet<>();
        var alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            alternatives.forEach(name -> names.add(String.valueOf(name.get(1))));
        }
        return names;
    }

    public String certificatePem() {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    String keyPem() {
        return pem(key);
    }

    static String pem(PrivateKey key) {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN "
                + type
                + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END "
                + type
                + "-----\n";
    }
}

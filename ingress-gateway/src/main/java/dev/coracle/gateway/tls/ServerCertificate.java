package dev.coracle.gateway.tls;

import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import reactor.netty.http.Http2SslContextSpec;
import reactor.netty.tcp.SslProvider;

/** A certificate with its chain and its key, ready to be served with HTTP/2 and HTTP/1.1. */
public final class ServerCertificate {

    private static final int DNS_NAME = 2;

    private final List<X509Certificate> chain;
    private final SslProvider.GenericSslContextSpec<SslContextBuilder> context;
    private final SslProvider provider;

    /**
     * The certificate itself comes first in {@code chain}.
     *
     * @throws InvalidCertificateException if the key is not the certificate's, or the chain no
     *     chain
     */
    ServerCertificate(PrivateKey key, List<X509Certificate> chain)
            throws InvalidCertificateException {
        if (!belongs(key, chain.getFirst().getPublicKey())) {
            throw new InvalidCertificateException(
                    "tls.key is not the key of the first certificate in tls.crt");
        }
        this.chain = List.copyOf(chain);
        this.context = Http2SslContextSpec.forServer(key, chain);
        this.provider = provider(context);
    }

    /**
     * Reads PEM: one or more certificates, and a key in PKCS #8 or in the forms of PKCS #1 and SEC
     * 1 that openssl also writes.
     *
     * @throws InvalidCertificateException says which of the two cannot be used, and why
     */
    public static ServerCertificate parse(byte[] certificates, byte[] key)
            throws InvalidCertificateException {
        List<X509Certificate> chain = chain(certificates);
        return new ServerCertificate(key(key), chain);
    }

    /** The DNS names it is for (subjectAltName). */
    public List<String> names() {
        try {
            return Stream.ofNullable(chain.getFirst().getSubjectAlternativeNames())
                    .flatMap(Collection::stream)
                    .filter(name -> Objects.equals(name.getFirst(), DNS_NAME))
                    .map(name -> String.valueOf(name.get(1)))
                    .toList();
        } catch (CertificateException _) {
            return List.of();
        }
    }

    /** For a server that shows it to those who ask for no other. */
    public SslProvider.GenericSslContextSpec<SslContextBuilder> context() {
        return context;
    }

    /** For a server that finds certificates by server name. */
    public SslProvider provider() {
        return provider;
    }

    private static SslProvider provider(SslProvider.GenericSslContextSpec<?> context)
            throws InvalidCertificateException {
        try {
            return SslProvider.builder().sslContext(context).build();
        } catch (RuntimeException e) {
            // the library wraps what it finds: a chain out of order, say
            throw new InvalidCertificateException(
                    "tls.crt cannot be served: " + root(e).getMessage());
        }
    }

    private static Throwable root(Throwable e) {
        Throwable cause = e.getCause();
        return cause == null ? e : root(cause);
    }

    private static List<X509Certificate> chain(byte[] pem) throws InvalidCertificateException {
        Collection<? extends Certificate> found;
        try {
            found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(pem));
        } catch (CertificateException e) {
            throw new InvalidCertificateException(
                    "tls.crt holds no certificate in PEM: " + e.getMessage());
        }
        if (found.isEmpty()) {
            throw new InvalidCertificateException(
                    "tls.crt holds no certificate in PEM, got %d bytes".formatted(pem.length));
        }
        return found.stream().map(X509Certificate.class::cast).toList();
    }

    private static PrivateKey key(byte[] pem) throws InvalidCertificateException {
        try (PEMParser parser =
                new PEMParser(new StringReader(new String(pem, StandardCharsets.UTF_8)))) {
            for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
                switch (found) {
                    case PrivateKeyInfo info -> {
                        return new JcaPEMKeyConverter().getPrivateKey(info);
                    }
                    case PEMKeyPair pair -> {
                        return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                    }
                    case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
                            throw new InvalidCertificateException(
                                    "tls.key is encrypted; expected a key without a passphrase");
                    // parameters of an elliptic curve come before its key
                    case Object _ -> {}
                }
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            // the latter two for what is not base64, or no key inside
            throw new InvalidCertificateException("tls.key is no key in PEM: " + e.getMessage());
        }
        throw new InvalidCertificateException(
                "tls.key holds no key in PEM, got %d bytes".formatted(pem.length));
    }

    /** What one signs the other verifies. */
    private static boolean belongs(PrivateKey key, PublicKey certified)
            throws InvalidCertificateException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC", "ECDSA" -> "SHA256withECDSA";
                    case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
                    case String other ->
                            throw new InvalidCertificateException(
                                    "tls.key is of kind %s; expected RSA, EC or Ed25519"
                                            .formatted(other));
                };
        byte[] message = "Coracle".getBytes(StandardCharsets.UTF_8);
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(message);
            byte[] signed = signer.sign();
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(certified);
            verifier.update(message);
            return verifier.verify(signed);
        } catch (GeneralSecurityException _) {
            return false;
        }
    }
}

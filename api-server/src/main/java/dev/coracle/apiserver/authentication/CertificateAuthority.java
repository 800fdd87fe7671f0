package dev.coracle.apiserver.authentication;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Signs the cluster's certificates (X.509 v3, signed with ECDSA P-256). Kubernetes' convention for
 * clients: the common name is the user, each organization a group.
 */
public final class CertificateAuthority {

    private static final Duration CA_LIFE = Duration.ofDays(3650);
    private static final Duration LEAF_LIFE = Duration.ofDays(365);
    // tolerates clients whose clock is behind
    private static final Duration BACKDATED = Duration.ofHours(1);

    private final Credentials own;

    public CertificateAuthority(Credentials own) {
        this.own = own;
    }

    /** A new authority; {@code name} is its common name. */
    static CertificateAuthority create(String name, Instant now) throws GeneralSecurityException {
        KeyPair keys = newEcKeys();
        X500Name subject = name(name, List.of());
        X509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        subject,
                        serial(),
                        Date.from(now.minus(BACKDATED)),
                        Date.from(now.plus(CA_LIFE)),
                        subject,
                        keys.getPublic());
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(
                            KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature));
        } catch (CertIOException e) {
            throw new GeneralSecurityException(e);
        }
        return new CertificateAuthority(new Credentials(sign(builder, keys), keys.getPrivate()));
    }

    public Credentials own() {
        return own;
    }

    /** The authority's own certificate, which clients trust. */
    public X509Certificate certificate() {
        return own.certificate();
    }

    /** A client's certificate. */
    Credentials issueClient(String user, List<String> groups, Instant now)
            throws GeneralSecurityException {
        return issue(
                name(user, groups), List.of(), KeyPurposeId.id_kp_clientAuth, newRsaKeys(), now);
    }

    /** A server's certificate for all the names and IPv4 addresses it is called by. */
    Credentials issueServer(String name, List<String> alternatives, Instant now)
            throws GeneralSecurityException {
        return issue(
                name(name, List.of()),
                alternatives,
                KeyPurposeId.id_kp_serverAuth,
                newEcKeys(),
                now);
    }

    /**
     * A server's certificate for a key that only its owner has.
     *
     * @param life how long it is good, at most as long as others
     */
    public X509Certificate signServer(
            X500Name subject, PublicKey key, List<String> alternatives, Duration life, Instant now)
            throws GeneralSecurityException {
        Duration shorter = life.compareTo(LEAF_LIFE) < 0 ? life : LEAF_LIFE;
        return certify(subject, alternatives, KeyPurposeId.id_kp_serverAuth, key, shorter, now);
    }

    private Credentials issue(
            X500Name subject,
            List<String> alternatives,
            KeyPurposeId purpose,
            KeyPair keys,
            Instant now)
            throws GeneralSecurityException {
        return new Credentials(
                certify(subject, alternatives, purpose, keys.getPublic(), LEAF_LIFE, now),
                keys.getPrivate());
    }

    private X509Certificate certify(
            X500Name subject,
            List<String> alternatives,
            KeyPurposeId purpose,
            PublicKey key,
            Duration life,
            Instant now)
            throws GeneralSecurityException {
        X509v3CertificateBuilder builder =
                new JcaX509v3CertificateBuilder(
                        X500Name.getInstance(
                                own.certificate().getSubjectX500Principal().getEncoded()),
                        serial(),
                        Date.from(now.minus(BACKDATED)),
                        Date.from(now.plus(life)),
                        subject,
                        key);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
            if (!alternatives.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(
                                alternatives.stream()
                                        .map(CertificateAuthority::generalName)
                                        .toArray(GeneralName[]::new)));
            }
        } catch (CertIOException e) {
            throw new GeneralSecurityException(e);
        }
        return sign(builder, new KeyPair(own.certificate().getPublicKey(), own.key()));
    }

    private static GeneralName generalName(String name) {
        boolean address = name.matches("[0-9.]+");
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }

    private static X500Name name(String commonName, List<String> organizations) {
        X500NameBuilder builder = new X500NameBuilder(BCStyle.INSTANCE);
        organizations.forEach(organization -> builder.addRDN(BCStyle.O, organization));
        return builder.addRDN(BCStyle.CN, commonName).build();
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair signer)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(signer.getPrivate())));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static KeyPair newEcKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    /**
     * RSA, because Java clients of Kubernetes read EC keys only with another library on their class
     * path.
     */
    private static KeyPair newRsaKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    private static BigInteger serial() {
        return new BigInteger(120, new SecureRandom()).add(BigInteger.ONE);
    }
}

package dev.coracle.gateway.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** What the gateway shows for a host that has no certificate: one it signed itself. */
public final class OwnCertificate {

    private static final X500Name NAME =
            new X500Name("CN=Coracle Ingress Gateway Default Certificate");
    private static final Duration LIFE = Duration.ofDays(365);
    private static final Duration BACKDATED = Duration.ofHours(1);
    private static final int SERIAL_BITS = 120;

    private OwnCertificate() {}

    /** Makes a new one, with a new key. */
    public static ServerCertificate create(Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            var built =
                    new JcaX509v3CertificateBuilder(
                                    NAME,
                                    new BigInteger(SERIAL_BITS, new SecureRandom()),
                                    Date.from(now.minus(BACKDATED)),
                                    Date.from(now.plus(LIFE)),
                                    NAME,
                                    keys.getPublic())
                            .build(
                                    new JcaContentSignerBuilder("SHA256withECDSA")
                                            .build(keys.getPrivate()));
            return new ServerCertificate(
                    keys.getPrivate(),
                    List.of(new JcaX509CertificateConverter().getCertificate(built)));
        } catch (GeneralSecurityException
                | OperatorCreationException
                | InvalidCertificateException e) {
            throw new IllegalStateException("no certificate of the gateway's own", e);
        }
    }
}

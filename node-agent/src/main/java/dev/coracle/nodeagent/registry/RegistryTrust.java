package dev.coracle.nodeagent.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whose certificates registries may have: those of the authorities that Java trusts, and of those
 * in {@code file}.
 *
 * @param file certificates in PEM, or null
 */
public record RegistryTrust(@Nullable Path file) {

    SSLContext context() throws IOException {
        try {
            TrustManagerFactory usual = factory();
            usual.init((KeyStore) null);
            Path own = file;
            if (own == null) {
                return context(usual);
            }
            KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
            all.load(null, null);
            int number = 0;
            for (TrustManager each : usual.getTrustManagers()) {
                if (each instanceof X509TrustManager known) {
                    for (X509Certificate authority : known.getAcceptedIssuers()) {
                        all.setCertificateEntry("java-" + number++, authority);
                    }
                }
            }
            try (InputStream in = Files.newInputStream(own)) {
                for (Certificate authority :
                        CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                    all.setCertificateEntry("own-" + number++, authority);
                }
            }
            TrustManagerFactory both = factory();
            both.init(all);
            return context(both);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot trust '" + file + "': " + e.getMessage(), e);
        }
    }

    private static TrustManagerFactory factory() throws GeneralSecurityException {
        return TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    }

    private static SSLContext context(TrustManagerFactory trust) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}

package dev.coracle.apiserver.authentication;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS with the API server's certificate, trusting clients of the cluster's authority. */
public final class ServerTls {

    private static final char[] NO_PASSWORD = new char[0];

    private ServerTls() {}

    public static SSLContext context(ClusterPki pki) throws GeneralSecurityException, IOException {
        KeyStore keys = empty();
        keys.setKeyEntry(
                "server",
                pki.server().key(),
                NO_PASSWORD,
                new Certificate[] {pki.server().certificate()});
        KeyManagerFactory identity =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        identity.init(keys, NO_PASSWORD);
        KeyStore authorities = empty();
        authorities.setCertificateEntry("ca", pki.authority().certificate());
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }
}

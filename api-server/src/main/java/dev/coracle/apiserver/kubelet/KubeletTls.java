package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.authentication.ClusterPki;
import dev.coracle.apiserver.authentication.Credentials;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Instant;

/** TLS to kubelets: they know the API server by its certificate, and it knows them by theirs. */
public record KubeletTls(SslContext context) {

    private static final String USER = "kube-apiserver-kubelet-client";

    public static KubeletTls of(ClusterPki pki, Instant now)
            throws IOException, GeneralSecurityException {
        Credentials own = pki.component(USER, now);
        return new KubeletTls(
                SslContextBuilder.forClient()
                        .keyManager(own.key(), own.certificate())
                        .trustManager(pki.authority().certificate())
                        .build());
    }
}

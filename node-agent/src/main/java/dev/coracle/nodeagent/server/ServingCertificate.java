package dev.coracle.nodeagent.server;

import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequest;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestBuilder;
import io.fabric8.kubernetes.api.model.certificates.v1.CertificateSigningRequestConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * The node's own certificate, which the cluster's authority signs on request (signer {@code
 * kubernetes.io/kubelet-serving}). The agent approves it if its user may: that of the node need
 * not, another must. The key never leaves the process; each start asks anew.
 */
public final class ServingCertificate {

    private static final String SIGNER = "kubernetes.io/kubelet-serving";
    private static final long PATIENCE_SECONDS = 20;

    private ServingCertificate() {}

    /**
     * TLS for a node's server, which knows clients by certificates of the cluster's authority.
     *
     * @throws IOException if the certificate is not signed, or the client knows no authority
     */
    public static SslContext request(KubernetesClient client, String node, String address)
            throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            X509Certificate certificate =
                    certificate(signed(client, node, request(keys, node, address)));
            return context(keys.getPrivate(), certificate, authority(client));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("no serving certificate: " + e.getMessage(), e);
        } catch (KubernetesClientException e) {
            throw new IOException("the API server gives no certificate: " + e.getMessage(), e);
        }
    }

    private static SslContext context(
            PrivateKey key, X509Certificate certificate, X509Certificate authority)
            throws IOException {
        return SslContextBuilder.forServer(key, certificate)
                .trustManager(authority)
                .clientAuth(ClientAuth.OPTIONAL)
                .build();
    }

    private static String request(KeyPair keys, String node, String address)
            throws IOException, OperatorCreationException {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(
                        new GeneralName[] {
                            new GeneralName(GeneralName.dNSName, node),
                            new GeneralName(GeneralName.iPAddress, address)
                        }));
        var built =
                new JcaPKCS10CertificationRequestBuilder(
                                new X500NameBuilder(BCStyle.INSTANCE)
                                        .addRDN(BCStyle.O, "system:nodes")
                                        .addRDN(BCStyle.CN, "system:node:" + node)
                                        .build(),
                                keys.getPublic())
                        .addAttribute(
                                PKCSObjectIdentifiers.pkcs_9_at_extensionRequest,
                                extensions.generate())
                        .build(
                                new JcaContentSignerBuilder("SHA256withECDSA")
                                        .build(keys.getPrivate()));
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(built);
        }
        return text.toString();
    }

    private static String signed(KubernetesClient client, String node, String pem)
            throws IOException {
        var requests = client.certificates().v1().certificateSigningRequests();
        CertificateSigningRequest created =
                requests.resource(
                                new CertificateSigningRequestBuilder()
                                        .withNewMetadata()
                                        .withGenerateName("csr-" + node + "-")
                                        .endMetadata()
                                        .withNewSpec()
                                        .withSignerName(SIGNER)
                                        .withUsages("digital signature", "server auth")
                                        .withRequest(base64(pem))
                                        .endSpec()
                                        .build())
                        .create();
        var one = requests.withName(created.getMetadata().getName());
        try {
            var _ =
                    one.approve(
                            new CertificateSigningRequestConditionBuilder()
                                    .withType("Approved")
                                    .withStatus("True")
                                    .withReason("NodeAgentApprove")
                                    .withMessage("the node's own certificate")
                                    .build());
        } catch (KubernetesClientException e) {
            // a node's own user may not, and need not
            if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN) {
                throw e;
            }
        }
        AtomicReference<String> certificate = new AtomicReference<>("");
        var _ =
                one.waitUntilCondition(
                        seen -> {
                            if (seen == null
                                    || seen.getStatus() == null
                                    || seen.getStatus().getCertificate() == null) {
                                return false;
                            }
                            certificate.set(seen.getStatus().getCertificate());
                            return true;
                        },
                        PATIENCE_SECONDS,
                        TimeUnit.SECONDS);
        var _ = one.delete();
        return new String(Base64.getDecoder().decode(certificate.get()), StandardCharsets.UTF_8);
    }

    private static X509Certificate authority(KubernetesClient client)
            throws IOException, GeneralSecurityException {
        String inline = client.getConfiguration().getCaCertData();
        String file = client.getConfiguration().getCaCertFile();
        if (inline != null && !inline.isEmpty()) {
            return certificate(
                    new String(Base64.getDecoder().decode(inline), StandardCharsets.UTF_8));
        }
        if (file != null && !file.isEmpty()) {
            return certificate(Files.readString(Path.of(file)));
        }
        throw new IOException("the kubeconfig names no certificate authority");
    }

    private static X509Certificate certificate(String pem) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}

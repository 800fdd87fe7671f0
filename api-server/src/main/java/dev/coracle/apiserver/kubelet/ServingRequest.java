package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.object.ApiObject;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import tools.jackson.databind.JsonNode;

/**
 * What a kubelet asks to be certified, and what is wrong with it (Kubernetes: Certificate Signing
 * Requests, "kubernetes.io/kubelet-serving").
 *
 * @param users the common names of the subject
 */
record ServingRequest(
        X500Name subject,
        List<String> users,
        PublicKey key,
        List<String> names,
        Optional<String> refusal) {

    private static final Set<String> ALLOWED =
            Set.of("key encipherment", "digital signature", "server auth");

    static ServingRequest of(ApiObject request) {
        String pem =
                new String(
                        Base64.getDecoder().decode(request.text("spec.request")),
                        StandardCharsets.ISO_8859_1);
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            JcaPKCS10CertificationRequest read =
                    new JcaPKCS10CertificationRequest(
                            (PKCS10CertificationRequest) parser.readObject());
            List<String> names = names(read);
            return new ServingRequest(
                    read.getSubject(),
                    values(read, BCStyle.CN),
                    read.getPublicKey(),
                    names,
                    refusal(read, names, request.at("spec.usages")));
        } catch (IOException
                | GeneralSecurityException
                | PKCSException
                | OperatorCreationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static Optional<String> refusal(
            JcaPKCS10CertificationRequest read, List<String> names, JsonNode usages)
            throws GeneralSecurityException, PKCSException, OperatorCreationException {
        if (!read.isSignatureValid(
                new JcaContentVerifierProviderBuilder().build(read.getPublicKey()))) {
            return Optional.of("the request is not signed with its own key");
        }
        if (!values(read, BCStyle.O).equals(List.of("system:nodes"))) {
            return Optional.of("subject organization is not system:nodes");
        }
        List<String> user = values(read, BCStyle.CN);
        if (user.size() != 1 || !user.getFirst().startsWith("system:node:")) {
            return Optional.of("subject common name does not begin with system:node: ");
        }
        if (names.isEmpty()) {
            return Optional.of("DNS or IP subjectAltName is required");
        }
        boolean serves = false;
        for (JsonNode usage : usages) {
            serves |= usage.asString("").equals("server auth");
            if (!ALLOWED.contains(usage.asString(""))) {
                return Optional.of("usages did not match " + ALLOWED);
            }
        }
        return serves ? Optional.empty() : Optional.of("usages did not match " + ALLOWED);
    }

    private static List<String> values(
            PKCS10CertificationRequest read, org.bouncycastle.asn1.ASN1ObjectIdentifier type) {
        List<String> values = new ArrayList<>();
        for (var part : read.getSubject().getRDNs(type)) {
            values.add(part.getFirst().getValue().toString());
        }
        return values;
    }

    private static List<String> names(PKCS10CertificationRequest read) throws IOException {
        List<String> names = new ArrayList<>();
        Extensions extensions = read.getRequestedExtensions();
        if (extensions == null
                || extensions.getExtension(Extension.subjectAlternativeName) == null) {
            return names;
        }
        for (GeneralName name :
                GeneralNames.fromExtensions(extensions, Extension.subjectAlternativeName)
                        .getNames()) {
            names.add(
                    name.getTagNo() == GeneralName.iPAddress
                            ? java.net.InetAddress.getByAddress(
                                            ASN1OctetString.getInstance(name.getName()).getOctets())
                                    .getHostAddress()
                            : name.getName().toString());
        }
        return names;
    }
}

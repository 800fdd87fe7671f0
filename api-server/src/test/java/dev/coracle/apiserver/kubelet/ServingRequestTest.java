package dev.coracle.apiserver.kubelet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** What the signer kubernetes.io/kubelet-serving signs, and what it says of others. */
class ServingRequestTest {

    private static final String NODE = "CN=system:node:node-1,O=system:nodes";
    private static final String USAGES = "\"digital signature\", \"server auth\"";

    @Test
    void readsTheNamesAndAddressesOfAKubelet() throws Exception {
        KeyPair keys = keys();
        ServingRequest read = ServingRequest.of(request(keys, keys, NODE, USAGES, true));
        assertThat(read.refusal()).isEmpty();
        assertThat(read.names()).containsExactly("node-1", "10.89.0.11");
        assertThat(read.key()).isEqualTo(keys.getPublic());
        assertThat(read.subject()).isEqualTo(new X500Name(NODE));
    }

    static Stream<Arguments> refused() {
        String user = "CN=jane,O=system:nodes";
        String group = "CN=system:node:node-1,O=system:masters";
        String more = "CN=system:node:node-1,O=system:nodes,O=system:masters";
        return Stream.of(
                argumentSet("a user", user, USAGES, true, "common name does not begin with"),
                argumentSet("another group", group, USAGES, true, "organization is not"),
                argumentSet("a further group", more, USAGES, true, "organization is not"),
                argumentSet("no name", NODE, USAGES, false, "subjectAltName is required"),
                argumentSet("a client", NODE, "\"client auth\"", true, "usages did not match"),
                argumentSet(
                        "no server", NODE, "\"digital signature\"", true, "usages did not match"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void saysWhatIsWrong(String subject, String usages, boolean named, String why)
            throws Exception {
        KeyPair keys = keys();
        assertThat(ServingRequest.of(request(keys, keys, subject, usages, named)).refusal())
                .hasValueSatisfying(said -> assertThat(said).contains(why));
    }

    @Test
    void refusesARequestThatAnotherKeySigned() throws Exception {
        assertThat(ServingRequest.of(request(keys(), keys(), NODE, USAGES, true)).refusal())
                .contains("the request is not signed with its own key");
    }

    private static KeyPair keys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static ApiObject request(
            KeyPair keys, KeyPair signer, String subject, String usages, boolean named)
            throws Exception {
        var builder =
                new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), keys.getPublic());
        if (named) {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(
                            new GeneralName[] {
                                new GeneralName(GeneralName.dNSName, "node-1"),
                                new GeneralName(GeneralName.iPAddress, "10.89.0.11")
                            }));
            builder.addAttribute(
                    PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        StringWriter pem = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(pem)) {
            writer.writeObject(
                    builder.build(
                            new JcaContentSignerBuilder("SHA256withECDSA")
                                    .build(signer.getPrivate())));
        }
        String encoded =
                Base64.getEncoder()
                        .encodeToString(pem.toString().getBytes(StandardCharsets.US_ASCII));
        return new ApiObject(
                (ObjectNode)
                        Json.MAPPER.readTree(
                                "{\"spec\": {\"request\": \"%s\", \"usages\": [%s]}}"
                                        .formatted(encoded, usages)));
    }
}

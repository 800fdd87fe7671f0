package dev.coracle.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.testkit.OpensslCertificate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What openssl writes, read. */
class ServerCertificateTest {

    private static final byte[] NOTHING = new byte[0];

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-newkey rsa:2048",
                "-newkey ec -pkeyopt ec_paramgen_curve:secp384r1",
                "-newkey ed25519"
            })
    void readsEveryKindOfKey(String newKey) throws Exception {
        OpensslCertificate made =
                OpensslCertificate.create(
                        folder, List.of(newKey.split(" ", -1)), "a.mydomain.com", "*.b.org");
        assertThat(ServerCertificate.parse(bytes(made.certificate()), bytes(made.key())).names())
                .containsExactly("a.mydomain.com", "*.b.org");
    }

    @Test
    void readsKeysInTheirOlderForms() throws Exception {
        OpensslCertificate rsa =
                OpensslCertificate.create(folder, List.of("-newkey", "rsa:2048"), "a.org");
        byte[] pkcs1 = rsa.keyBy("rsa", "-traditional");
        assertThat(text(pkcs1)).contains("BEGIN RSA PRIVATE KEY");
        assertThat(ServerCertificate.parse(bytes(rsa.certificate()), pkcs1).names())
                .containsExactly("a.org");

        OpensslCertificate elliptic = OpensslCertificate.create(folder, "b.org");
        byte[] sec1 = elliptic.keyBy("ec");
        assertThat(text(sec1)).contains("BEGIN EC PRIVATE KEY");
        byte[] withParameters =
                (text(elliptic.keyBy("ec", "-param_out"))
                                        .replaceFirst("(?s)-----BEGIN EC PRI.*", "")
                                + text(sec1))
                        .getBytes(StandardCharsets.UTF_8);
        assertThat(ServerCertificate.parse(bytes(elliptic.certificate()), withParameters).names())
                .containsExactly("b.org");
    }

    @Test
    void saysWhatCannotBeUsed() throws Exception {
        OpensslCertificate made = OpensslCertificate.create(folder, "a.org");
        byte[] certificate = bytes(made.certificate());
        byte[] key = bytes(made.key());
        OpensslCertificate other =
                OpensslCertificate.create(Files.createDirectory(folder.resolve("other")), "b.org");

        assertRefused(NOTHING, key, "tls.crt holds no certificate in PEM, got 0 bytes");
        assertRefused("x".getBytes(StandardCharsets.UTF_8), key, "tls.crt holds no certificate");
        assertRefused(
                (text(certificate) + text(bytes(other.certificate())))
                        .getBytes(StandardCharsets.UTF_8),
                key,
                "tls.crt cannot be served: Certificate chain is not valid");
        assertRefused(certificate, NOTHING, "tls.key holds no key in PEM, got 0 bytes");
        assertRefused(certificate, certificate, "tls.key holds no key in PEM");
        assertRefused(
                certificate,
                bytes(other.key()),
                "tls.key is not the key of the first certificate in tls.crt");
        assertRefused(
                certificate,
                made.keyBy("pkey", "-aes128", "-passout", "pass:secret"),
                "tls.key is encrypted; expected a key without a passphrase");
        assertRefused(
                certificate,
                text(key).replaceAll("(?m)^M.*\n", "!\n").getBytes(StandardCharsets.UTF_8),
                "tls.key is no key in PEM");
    }

    @Test
    void hasNoNamesWithoutSubjectAltName() throws Exception {
        OpensslCertificate made = OpensslCertificate.create(folder);
        assertThat(ServerCertificate.parse(bytes(made.certificate()), bytes(made.key())).names())
                .isEmpty();
        assertThat(OwnCertificate.create(Instant.EPOCH).names()).isEmpty();
    }

    private static void assertRefused(byte[] certificate, byte[] key, String message) {
        assertThatThrownBy(() -> ServerCertificate.parse(certificate, key))
                .isInstanceOf(InvalidCertificateException.class)
                .hasMessageContaining(message);
    }

    private static byte[] bytes(Path file) throws IOException {
        return Files.readAllBytes(file);
    }

    private static String text(byte[] pem) {
        return new String(pem, StandardCharsets.UTF_8);
    }
}

package dev.coracle.apiserver.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jwt.SignedJWT;
import dev.coracle.apiserver.authentication.ServiceAccountTokens.Bound;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.ObjectKey;
import dev.coracle.apiserver.storage.Revision;
import dev.coracle.apiserver.watch.WatchCache;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceAccountTokensTest {

    private static final NamespacedName ROBOT = new NamespacedName("a", "robot");
    private static final List<String> API = List.of(ServiceAccountTokens.ISSUER);

    private final WatchCache cache = new WatchCache((_, _) -> Map.of());
    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final ServiceAccountTokens tokens = tokens(keys());
    private long revision;

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private ServiceAccountTokens tokens(KeyPair keys) {
        try {
            return new ServiceAccountTokens(keys, cache, () -> now);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private void write(String resource, String name, String uid, boolean deleted) {
        revision++;
        String json =
                "{\"metadata\":{\"namespace\":\"a\",\"name\":\"%s\",\"uid\":\"%s\"}}"
                        .formatted(name, uid);
        cache.accept(
                new Revision(
                        revision,
                        new ObjectKey(resource, new NamespacedName("a", name)),
                        deleted,
                        json.getBytes(StandardCharsets.UTF_8)));
    }

    @BeforeEach
    void createTheAccountAndAPod() {
        write("serviceaccounts", "robot", "u1", false);
        write("pods", "p", "u2", false);
    }

    private String issue(Optional<Bound> bound) {
        return tokens.issue(ROBOT, "u1", bound, API, now.plusSeconds(600));
    }

    private static Optional<Bound> aPod() {
        return Optional.of(new Bound("Pod", "pods", "p", "u2"));
    }

    private Optional<User> user(String token) {
        return tokens.verify(token, API).map(ServiceAccountTokens.Verified::user);
    }

    @Test
    void speaksForItsAccount() {
        User user = user(issue(aPod())).orElseThrow();

        assertThat(user.name()).isEqualTo("system:serviceaccount:a:robot");
        assertThat(user.uid()).isEqualTo("u1");
        assertThat(user.groups())
                .containsExactly(
                        "system:serviceaccounts",
                        "system:serviceaccounts:a",
                        "system:authenticated");
        assertThat(user.extra())
                .containsEntry("authentication.kubernetes.io/pod-name", List.of("p"))
                .containsEntry("authentication.kubernetes.io/pod-uid", List.of("u2"))
                .containsKey("authentication.kubernetes.io/credential-id");
    }

    @Test
    void hasTheClaimsOfUpstream() throws ParseException {
        var claims = SignedJWT.parse(issue(aPod())).getJWTClaimsSet();

        assertThat(claims.getIssuer()).isEqualTo(ServiceAccountTokens.ISSUER);
        assertThat(claims.getSubject()).isEqualTo("system:serviceaccount:a:robot");
        assertThat(claims.getAudience()).isEqualTo(API);
        assertThat(claims.getIssueTime()).isEqualTo(now);
        assertThat(claims.getNotBeforeTime()).isEqualTo(now);
        assertThat(claims.getExpirationTime()).isEqualTo(now.plusSeconds(600));
        assertThat(claims.getJWTID()).isNotEmpty();
        assertThat(claims.getJSONObjectClaim("kubernetes.io"))
                .containsEntry("namespace", "a")
                .containsEntry("serviceaccount", Map.of("name", "robot", "uid", "u1"))
                .containsEntry("pod", Map.of("name", "p", "uid", "u2"));
    }

    @Test
    void isGoodUntilItExpires() {
        String token = issue(Optional.empty());

        now = now.plusSeconds(599);
        assertThat(user(token)).isPresent();
        now = now.plusSeconds(1);
        assertThat(user(token)).isEmpty();
    }

    @Test
    void isNotGoodBeforeItIsIssued() {
        String token = issue(Optional.empty());

        now = now.minusSeconds(1);
        assertThat(user(token)).isEmpty();
    }

    @Test
    void diesWithItsAccount() {
        String token = issue(Optional.empty());

        write("serviceaccounts", "robot", "u1", true);
        assertThat(user(token)).isEmpty();
        write("serviceaccounts", "robot", "another", false);
        assertThat(user(token)).isEmpty();
    }

    @Test
    void diesWithItsPod() {
        String token = issue(aPod());

        write("pods", "p", "u2", true);
        assertThat(user(token)).isEmpty();
        write("pods", "p", "another", false);
        assertThat(user(token)).isEmpty();
    }

    @Test
    void isForItsAudiencesOnly() {
        String token =
                tokens.issue(
                        ROBOT, "u1", Optional.empty(), List.of("vault", "x"), now.plusSeconds(600));

        assertThat(tokens.verify(token, API)).isEmpty();
        assertThat(tokens.verify(token, List.of("y", "vault")).orElseThrow().audiences())
                .containsExactly("vault");
    }

    @Test
    void isNotTakenWhenItWasChanged() {
        String[] parts = issue(Optional.empty()).split("\\.", -1);
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        String changed = encode(claims.replace("robot", "admin"));

        write("serviceaccounts", "admin", "u1", false);
        assertThat(user(parts[0] + "." + changed + "." + parts[2])).isEmpty();
    }

    @Test
    void isNotTakenWithoutASignature() {
        String[] parts = issue(Optional.empty()).split("\\.", -1);

        assertThat(user(encode("{\"alg\":\"none\"}") + "." + parts[1] + ".")).isEmpty();
        assertThat(user(encode("{\"alg\":\"HS256\"}") + "." + parts[1] + "." + parts[2])).isEmpty();
        assertThat(user(parts[0] + "." + parts[1] + ".")).isEmpty();
        assertThat(user("none")).isEmpty();
    }

    @Test
    void isNotTakenFromAnotherCluster() {
        String foreign =
                tokens(keys()).issue(ROBOT, "u1", Optional.empty(), API, now.plusSeconds(600));

        assertThat(user(foreign)).isEmpty();
    }

    @Test
    void publishesThePublicKeyAlone() {
        assertThat(tokens.publicKeys()).contains("\"kty\":\"RSA\"").doesNotContain("\"d\":");
    }

    private static String encode(String json) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}

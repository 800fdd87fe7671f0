package dev.coracle.apiserver.authentication;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.security.KeyPair;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Signs and verifies the tokens of service accounts: JWTs with upstream's claims (Kubernetes:
 * Managing Service Accounts, "TokenRequest"). A token dies with its account, and with the object it
 * is bound to. Thread-safe.
 */
public final class ServiceAccountTokens {

    public static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

    private static final String PREFIX = "system:serviceaccount:";
    private static final String PRIVATE_CLAIMS = "kubernetes.io";
    private static final String EXTRA = "authentication.kubernetes.io/";

    private final RSAKey key;
    private final JWSSigner signer;
    private final JWSVerifier verifier;
    private final WatchCache cache;
    private final InstantSource clock;

    public ServiceAccountTokens(KeyPair keys, WatchCache cache, InstantSource clock)
            throws JOSEException {
        this.key =
                new RSAKey.Builder((RSAPublicKey) keys.getPublic())
                        .privateKey((RSAPrivateKey) keys.getPrivate())
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(JWSAlgorithm.RS256)
                        .keyIDFromThumbprint()
                        .build();
        this.signer = new RSASSASigner(key);
        this.verifier = new RSASSAVerifier(key);
        this.cache = cache;
        this.clock = clock;
    }

    /**
     * An object a token ends with.
     *
     * @param resource as in the store: pods, secrets or nodes
     */
    public record Bound(String kind, String resource, String name, String uid) {}

    /** Who authenticated, and for which of the asked audiences. */
    public record Verified(User user, List<String> audiences) {}

    /** Signs a token for the account {@code account} with {@code uid}. */
    public String issue(
            NamespacedName account,
            String uid,
            Optional<Bound> bound,
            List<String> audiences,
            Instant expiry) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("namespace", account.namespace());
        claims.put("serviceaccount", Map.of("name", account.name(), "uid", uid));
        bound.ifPresent(object ->
                claims.put(
                        object.kind().toLowerCase(java.util.Locale.ROOT),
                        Map.of("name", object.name(), "uid", object.uid())));
        Instant now = clock.instant();
        JWTClaimsSet set =
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .subject(PREFIX + account.namespace() + ":" + account.name())
                        .audience(audiences)
                        .issueTime(Date.from(now))
                        .notBeforeTime(Date.from(now))
                        .expirationTime(Date.from(expiry))
                        .jwtID(UUID.randomUUID().toString())
                        .claim(PRIVATE_CLAIMS, claims)
                        .build();
        SignedJWT jwt =
                new SignedJWT(
                        new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
                        set);
        try {
            jwt.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("cannot sign a token: " + e.getMessage(), e);
        }
        return jwt.serialize();
    }

    /**
     * The account a token speaks for; empty for a token that is none of ours, or no longer good.
     *
     * @param audiences of which the token must name one
     */
    public Optional<Verified> verify(String token, List<String> audiences) {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            if (!jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.RS256)
                    || !jwt.verify(verifier)
                    || !ISSUER.equals(claims.getIssuer())
                    || !isCurrent(claims)) {
                return Optional.empty();
            }
            List<String> common =
                    audiences.stream().filter(claims.getAudience()::contains).toList();
            return common.isEmpty()
                    ? Optional.empty()
                    : user(claims).map(user -> new Verified(user, common));
        } catch (ParseException | JOSEException | ClassCastException _) {
            return Optional.empty();
        }
    }

    private boolean isCurrent(JWTClaimsSet claims) {
        Instant now = clock.instant();
        return claims.getExpirationTime() != null
                && claims.getExpirationTime().toInstant().isAfter(now)
                && (claims.getNotBeforeTime() == null
                        || !claims.getNotBeforeTime().toInstant().isAfter(now));
    }

    private Optional<User> user(JWTClaimsSet claims) throws ParseException {
        Map<String, Object> own = claims.getJSONObjectClaim(PRIVATE_CLAIMS);
        if (own == null || !(own.get("serviceaccount") instanceof Map<?, ?> account)) {
            return Optional.empty();
        }
        String namespace = String.valueOf(own.get("namespace"));
        String name = String.valueOf(account.get("name"));
        String uid = String.valueOf(account.get("uid"));
        if (!exists("serviceaccounts", new NamespacedName(namespace, name), uid)) {
            return Optional.empty();
        }
        Map<String, List<String>> extra = new LinkedHashMap<>();
        extra.put(EXTRA + "credential-id", List.of("JTI=" + claims.getJWTID()));
        for (String kind : List.of("pod", "secret", "node")) {
            if (own.get(kind) instanceof Map<?, ?> bound) {
                String boundName = String.valueOf(bound.get("name"));
                String boundUid = String.valueOf(bound.get("uid"));
                String home = kind.equals("node") ? "" : namespace;
                if (!exists(kind + "s", new NamespacedName(home, boundName), boundUid)) {
                    return Optional.empty();
                }
                extra.put(EXTRA + kind + "-name", List.of(boundName));
                extra.put(EXTRA + kind + "-uid", List.of(boundUid));
            }
        }
        return Optional.of(
                new User(
                        PREFIX + namespace + ":" + name,
                        uid,
                        List.of(
                                "system:serviceaccounts",
                                "system:serviceaccounts:" + namespace,
                                User.AUTHENTICATED),
                        extra));
    }

    private boolean exists(String resource, NamespacedName key, String uid) {
        return cache.find(resource, key)
                .map(CachedObject::toObject)
                .filter(object -> object.uid().equals(uid))
                .isPresent();
    }

    /** The public key, as {@code /openid/v1/jwks} publishes it. */
    public String publicKeys() {
        return new JWKSet(key.toPublicJWK()).toString();
    }
}

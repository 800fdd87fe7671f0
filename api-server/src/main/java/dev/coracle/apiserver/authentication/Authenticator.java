package dev.coracle.apiserver.authentication;

import dev.coracle.apiserver.authentication.ServiceAccountTokens.Verified;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.http.server.reactive.SslInfo;
import reactor.netty.Connection;

/**
 * Finds the user in a request: a client certificate of the cluster's authority, the administrator's
 * token or one of a service account.
 */
public final class Authenticator {

    private static final String BEARER = "Bearer ";

    private static final AttributeKey<Optional<User>> PEER =
            AttributeKey.valueOf(Authenticator.class, "peer");

    private final byte[] adminToken;
    private final ServiceAccountTokens tokens;

    public Authenticator(String adminToken, ServiceAccountTokens tokens) {
        this.tokens = tokens;
        this.adminToken = adminToken.getBytes(StandardCharsets.UTF_8);
    }

    /** The user, or empty for an anonymous request. */
    public Optional<User> authenticate(ServerHttpRequest request) {
        Optional<User> peer = peer(request);
        if (peer.isPresent()) {
            return peer;
        }
        String authorization = request.getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
        if (authorization != null && authorization.startsWith(BEARER)) {
            return verify(
                            authorization.substring(BEARER.length()).strip(),
                            List.of(ServiceAccountTokens.ISSUER))
                    .map(Verified::user);
        }
        return Optional.empty();
    }

    /** Whom the connection's certificate names; found out once for a connection. */
    private static Optional<User> peer(ServerHttpRequest request) {
        if (!(ServerHttpRequestDecorator.getNativeRequest(request)
                instanceof Connection connection)) {
            return certified(request);
        }
        Channel channel = connection.channel();
        Channel encrypted = channel instanceof Http2StreamChannel ? channel.parent() : channel;
        Attribute<Optional<User>> known = encrypted.attr(PEER);
        Optional<User> peer = known.get();
        if (peer == null) {
            peer = certified(request);
            known.set(peer);
        }
        return peer;
    }

    /** TLS has verified the chain against the cluster's authority, the only one it trusts. */
    private static Optional<User> certified(ServerHttpRequest request) {
        SslInfo ssl = request.getSslInfo();
        X509Certificate[] chain = ssl == null ? null : ssl.getPeerCertificates();
        return chain == null || chain.length == 0 ? Optional.empty() : Optional.of(user(chain[0]));
    }

    /** Who a bearer token speaks for; the administrator's is good for every audience. */
    public Optional<Verified> verify(String token, List<String> audiences) {
        if (MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), adminToken)) {
            User admin = new User("kubernetes-admin", List.of(User.MASTERS, User.AUTHENTICATED));
            return Optional.of(new Verified(admin, audiences));
        }
        return tokens.verify(token, audiences);
    }

    private static User user(X509Certificate certificate) {
        String name = "";
        List<String> groups = new ArrayList<>();
        try {
            for (Rdn part :
                    new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    name = part.getValue().toString();
                } else if (part.getType().equalsIgnoreCase("O")) {
                    groups.add(part.getValue().toString());
                }
            }
        } catch (InvalidNameException e) {
            throw new IllegalStateException(e);
        }
        groups.add(User.AUTHENTICATED);
        return new User(name, groups);
    }
}

package dev.coracle.apiserver.authentication;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import dev.coracle.apiserver.watch.WatchCache;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Mono;

class AuthenticationFilterTest {

    private static final String TOKEN = "administrator";

    private final AuthenticationFilter filter = new AuthenticationFilter(authenticator());

    private static Authenticator authenticator() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return new Authenticator(
                    TOKEN,
                    new ServiceAccountTokens(
                            generator.generateKeyPair(),
                            new WatchCache((_, _) -> Map.of()),
                            () -> Instant.EPOCH));
        } catch (JOSEException | NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private boolean passes(MockServerWebExchange exchange) {
        AtomicBoolean passed = new AtomicBoolean();
        filter.filter(exchange, _ -> Mono.fromRunnable(() -> passed.set(true))).block();
        return passed.get();
    }

    private static MockServerWebExchange get(String path, String token) {
        return MockServerWebExchange.from(
                MockServerHttpRequest.get(path).header("Authorization", "Bearer " + token));
    }

    /** So that a user without the right to a path is not refused what everyone gets. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/dashboard",
                "/dashboard/main.js",
                "/swagger-ui/index.html",
                "/v3/api-docs"
            })
    void letsEveryoneReadThePagesAsNobody(String path) {
        for (String token : new String[] {TOKEN, "wrong"}) {
            MockServerWebExchange exchange = get(path, token);

            assertThat(passes(exchange)).isTrue();
            assertThat(exchange.<User>getAttribute(User.ATTRIBUTE)).isNull();
        }
    }
}

package dev.coracle.apiserver.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.status.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContinueTokenTest {

    @Test
    void isReadAsItWasWritten() {
        ContinueToken token = new ContinueToken(7, new NamespacedName("a", "p"));
        ContinueToken newest = new ContinueToken(ContinueToken.NEWEST, new NamespacedName("", "n"));

        assertThat(ContinueToken.decode(token.encode())).isEqualTo(token);
        assertThat(ContinueToken.decode(newest.encode())).isEqualTo(newest);
        assertThat(token.encode()).matches("[A-Za-z0-9_-]+");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "no json",
                "{}",
                "{\"v\":\"v2\",\"rv\":1,\"name\":\"p\"}",
                "{\"v\":\"meta.k8s.io/v1\",\"rv\":-2,\"name\":\"p\"}",
                "{\"v\":\"meta.k8s.io/v1\",\"rv\":\"x\",\"name\":\"p\"}",
                "{\"v\":\"meta.k8s.io/v1\",\"rv\":1}"
            })
    void isRefusedWhenItSaysSomethingElse(String json) {
        String text = Base64.getUrlEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> ContinueToken.decode(text))
                .isInstanceOf(ApiException.class)
                .hasMessageStartingWith("continue key is not valid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"?", "a b", "%%%"})
    void isRefusedWhenItIsNoToken(String text) {
        assertThatThrownBy(() -> ContinueToken.decode(text))
                .isInstanceOf(ApiException.class)
                .hasMessageStartingWith("continue key is not valid");
    }
}

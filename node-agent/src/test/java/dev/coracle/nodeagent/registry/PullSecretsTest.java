package dev.coracle.nodeagent.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.nodeagent.image.ImageReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class PullSecretsTest {

    @Test
    void readsBothTypes() {
        assertThat(logins("example.com/app", config(login("example.com", "a"))))
                .containsExactly(new RegistryLogin("a", "p"));
        assertThat(logins("example.com/app", secret(".dockercfg", login("example.com", "a"))))
                .containsExactly(new RegistryLogin("a", "p"));
    }

    @Test
    void readsUserAndPasswordInOne() {
        String both = Base64.getEncoder().encodeToString("a:p:q".getBytes(StandardCharsets.UTF_8));
        assertThat(
                        logins(
                                "example.com/app",
                                config(
                                        "{\"https://example.com/v1/\":{\"auth\":\""
                                                + both
                                                + "\"}}")))
                .containsExactly(new RegistryLogin("a", "p:q"));
    }

    @Test
    void givesNoLoginOfAnotherRegistry() {
        for (String place : List.of("other.com", "example.com:5000", "example.com/team")) {
            assertThat(logins("example.com/app", config(login(place, "a")))).as(place).isEmpty();
        }
    }

    @Test
    void prefersTheLoginForTheLongestPath() {
        assertThat(
                        logins(
                                "example.com/team/app",
                                config(login("example.com", "all")),
                                config(login("*.com", "some")),
                                config(login("example.com/team", "team"))))
                .extracting(RegistryLogin::user)
                .containsExactly("team", "all", "some");
    }

    @Test
    void knowsTheHubByItsOldName() {
        Secret hub = config(login("https://index.docker.io/v1/", "a"));
        assertThat(logins("docker.io/library/app", hub)).hasSize(1);
    }

    @Test
    void skipsWhatItCannotRead() {
        assertThat(logins("example.com/app", secret(".dockerconfigjson", "{"))).isEmpty();
    }

    private static List<RegistryLogin> logins(String image, Secret... secrets) {
        return PullSecrets.logins(List.of(secrets), ImageReference.parse(image), "");
    }

    private static String login(String place, String user) {
        return "{\"%s\":{\"username\":\"%s\",\"password\":\"p\"}}".formatted(place, user);
    }

    private static Secret config(String auths) {
        return secret(".dockerconfigjson", "{\"auths\":" + auths + "}");
    }

    private static Secret secret(String key, String content) {
        return new SecretBuilder()
                .addToData(
                        key,
                        Base64.getEncoder()
                                .encodeToString(content.getBytes(StandardCharsets.UTF_8)))
                .build();
    }
}

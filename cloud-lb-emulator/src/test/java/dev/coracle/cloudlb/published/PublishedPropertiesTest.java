package dev.coracle.cloudlb.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PublishedPropertiesTest {

    private final PortChoice choice =
            new PublishedProperties("8100-8101", List.of("kube-system/ingress-gateway:80=8080"))
                    .choice();

    @Test
    void givesAServiceItsFixedPort() {
        assertThat(choice.take("kube-system/ingress-gateway:80")).hasValue(8080);
    }

    @Test
    void givesOthersTheFirstFreePortAndKeepsIt() {
        assertThat(choice.take("a/one:80")).hasValue(8100);
        assertThat(choice.take("a/two:80")).hasValue(8101);
        assertThat(choice.take("a/one:80")).hasValue(8100);
        assertThat(choice.take("a/three:80")).isEmpty();
        choice.release("a/one:80");
        assertThat(choice.take("a/three:80")).hasValue(8100);
    }

    @Test
    void givesNoneWithoutARange() {
        assertThat(new PublishedProperties("", List.of()).choice().take("a/one:80")).isEmpty();
    }

    @Test
    void refusesWhatIsNoRange() {
        for (String range : List.of("8100", "8119-8100", "0-5", "1-70000", "a-b")) {
            assertThatThrownBy(() -> new PublishedProperties(range, List.of()).choice())
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesAFixedPortWithoutService() {
        assertThatThrownBy(() -> new PublishedProperties("", List.of("web:80=8080")).choice())
                .hasMessageContaining("'web:80=8080'");
    }
}

package dev.coracle.cluster.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.cluster.part.StartupException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FabricChoiceTest {

    private static final Optional<String> ALLOWED = Optional.empty();
    private static final Optional<String> NOT_ROOT = Optional.of("namespaces need root");
    private static final Optional<String> NO_USERS = Optional.of("user namespaces are forbidden");

    @Test
    void prefersNamespacesOfTheHost() {
        assertThat(choice("auto", ALLOWED, NO_USERS).fabric()).isEqualTo(Fabric.NETNS);
    }

    @Test
    void takesAUserNamespaceWithoutRoot() {
        assertThat(choice("auto", NOT_ROOT, ALLOWED))
                .isEqualTo(
                        new FabricChoice(
                                Fabric.ROOTLESS,
                                "namespaces need root; user namespaces are allowed"));
    }

    @Test
    void takesLoopbackAddressesWhereNothingElseIsAllowed() {
        assertThat(choice("auto", NOT_ROOT, NO_USERS))
                .isEqualTo(
                        new FabricChoice(
                                Fabric.LOOPBACK,
                                "namespaces need root; user namespaces are forbidden"));
    }

    @Test
    void takesWhatIsAskedFor() {
        assertThat(choice("loopback", ALLOWED, ALLOWED).fabric()).isEqualTo(Fabric.LOOPBACK);
        assertThat(choice("rootless", ALLOWED, ALLOWED).fabric()).isEqualTo(Fabric.ROOTLESS);
    }

    @Test
    void saysWhatStandsInTheWayOfWhatIsAskedFor() {
        assertThatThrownBy(() -> choice("netns", NOT_ROOT, ALLOWED))
                .isInstanceOf(StartupException.class)
                .hasMessage(
                        "--fabric netns cannot be had here: namespaces need root; --fabric rootless"
                                + " may do without");
        assertThatThrownBy(() -> choice("rootless", NOT_ROOT, NO_USERS))
                .hasMessage(
                        "--fabric rootless cannot be had here: user namespaces are forbidden;"
                                + " --fabric loopback needs nothing");
    }

    @Test
    void refusesAnotherWord() {
        assertThatThrownBy(() -> choice("vxlan", ALLOWED, ALLOWED))
                .hasMessage("--fabric must be auto, netns, rootless or loopback, not 'vxlan'");
    }

    private static FabricChoice choice(
            String wish, Optional<String> netns, Optional<String> rootless) {
        return FabricChoice.of(wish, () -> netns, () -> rootless);
    }
}

package dev.coracle.nodeagent.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PlainRefusalsTest {

    private static final int SELF = 1000;
    private static final List<String> USUAL = Confinement.DEFAULT_CAPABILITIES;

    static Stream<Arguments> refusals() {
        return Stream.of(
                argumentSet(
                        "privileged",
                        with(true, false, false, false, USUAL, List.of()),
                        "privileged: true"),
                argumentSet(
                        "root that cannot be written",
                        with(false, true, false, false, USUAL, List.of()),
                        "readOnlyRootFilesystem: true"),
                argumentSet(
                        "filter of system calls",
                        with(false, false, true, false, USUAL, List.of()),
                        "a seccompProfile of type RuntimeDefault"),
                argumentSet(
                        "all of /proc",
                        with(false, false, false, true, USUAL, List.of()),
                        "procMount: Unmasked"),
                argumentSet(
                        "capability",
                        with(false, false, false, false, List.of("net_admin"), List.of()),
                        "capability net_admin"),
                argumentSet(
                        "groups",
                        with(false, false, false, false, USUAL, List.of(5L)),
                        "supplementalGroups or fsGroup"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesByNameWhatNeedsRights(Confinement confinement, String what) {
        assertThat(PlainRefusals.of(spec("", confinement), SELF))
                .contains(what + " needs rights that this fabric does without");
    }

    @Test
    void runsRootAndTheUserItselfAsTheUser() {
        Confinement usual = with(false, false, false, false, USUAL, List.of());

        assertThat(PlainRefusals.of(spec("", usual), SELF)).isEmpty();
        assertThat(PlainRefusals.of(spec("0:0", usual), SELF)).isEmpty();
        assertThat(PlainRefusals.of(spec("1000:5", usual), SELF)).isEmpty();
        assertThat(PlainRefusals.of(spec("1001", usual), SELF))
                .contains("user 1001: processes of this fabric run as user 1000 only");
    }

    @Test
    void letsCapabilitiesBeDropped() {
        assertThat(
                        PlainRefusals.of(
                                spec("", with(false, false, false, false, List.of(), List.of())),
                                SELF))
                .isEmpty();
    }

    private static Confinement with(
            boolean privileged,
            boolean readOnlyRoot,
            boolean filtersCalls,
            boolean unmaskedProc,
            List<String> capabilities,
            List<Long> groups) {
        return new Confinement(
                privileged,
                false,
                readOnlyRoot,
                filtersCalls,
                unmaskedProc,
                capabilities,
                groups,
                List.of(),
                Path.of("/error"));
    }

    private static ContainerSpec spec(String user, Confinement confinement) {
        return new ContainerSpec(
                "one",
                List.of("true"),
                Map.of(),
                "/",
                user,
                List.of(),
                Path.of("/log"),
                confinement,
                ContainerSpec.Console.NONE,
                0,
                "image");
    }
}

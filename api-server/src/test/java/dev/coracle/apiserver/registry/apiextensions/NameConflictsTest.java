package dev.coracle.apiserver.registry.apiextensions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class NameConflictsTest {

    private static final YAMLMapper YAML = new YAMLMapper();

    private static ApiObject crd(String group, String names, String accepted) {
        String yaml =
                "{spec: {group: %s, names: %s}, status: {acceptedNames: %s}}"
                        .formatted(group, names, accepted);
        return new ApiObject((ObjectNode) Json.MAPPER.readTree(YAML.readTree(yaml).toString()));
    }

    private static final String WIDGETS =
            "{plural: widgets, singular: widget, shortNames: [wd], kind: Widget, listKind: WidgetList}";

    private static final ApiObject OTHER = crd("a.b", WIDGETS, WIDGETS);

    @Test
    void acceptsFreshNames() {
        ApiObject crd = crd("a.b", WIDGETS, "{}");

        NameConflicts names = NameConflicts.of(crd, List.of());

        assertThat(names.allAccepted()).isTrue();
        assertThat(names.reason()).isEqualTo("NoConflicts");
        assertThat(names.accepted()).isEqualTo(crd.at("spec.names"));
    }

    @Test
    void lookIntoTheirOwnGroupOnly() {
        assertThat(NameConflicts.of(crd("c.d", WIDGETS, "{}"), List.of(OTHER)).allAccepted())
                .isTrue();
    }

    @Test
    void nameAnotherResourcesShortName() {
        NameConflicts names =
                NameConflicts.of(
                        crd(
                                "a.b",
                                "{plural: things, singular: thing, shortNames: [wd, th], kind:"
                                        + " Thing, listKind: ThingList}",
                                "{}"),
                        List.of(OTHER));

        assertThat(names.allAccepted()).isFalse();
        assertThat(names.reason()).isEqualTo("ShortNamesConflict");
        assertThat(names.message()).isEqualTo("\"wd\" is already in use");
        assertThat(names.accepted().path("plural").asString()).isEqualTo("things");
        assertThat(names.accepted().has("shortNames")).isFalse();
    }

    @Test
    void nameAnotherResourcesKind() {
        NameConflicts names =
                NameConflicts.of(
                        crd(
                                "a.b",
                                "{plural: things, singular: thing, kind: Widget, listKind: ThingList}",
                                "{}"),
                        List.of(OTHER));

        assertThat(names.reason()).isEqualTo("KindConflict");
        assertThat(names.message()).isEqualTo("\"Widget\" is already in use");
    }
}

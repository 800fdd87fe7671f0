package dev.coracle.apiserver.selector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.status.ApiException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorTest {

    private static final Map<String, String> LABELS = Map.of("app", "web", "tier", "front");

    @Nested
    class OfLabels {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "app=web | true",
                    "app==web | true",
                    "app=db | false",
                    "app!=db | true",
                    "missing!=x | true",
                    "app in (web, db) | true",
                    "app notin (web) | false",
                    "missing notin (x) | true",
                    "app | true",
                    "!app | false",
                    "!missing | true",
                    "app=web,tier=front | true",
                    "app=web,tier=back | false",
                    "app in (web),!missing | true"
                })
        void match(String selector, boolean expected) {
            assertThat(LabelSelector.parse(selector).matches(LABELS)).isEqualTo(expected);
        }

        @Test
        void emptyMatchesEverything() {
            assertThat(LabelSelector.parse("").isEverything()).isTrue();
        }

        @ParameterizedTest
        @CsvSource({"'a b'", "'a in x'", "'=b'", "'a=b,'"})
        void refuseWhatIsNoRequirement(String selector) {
            assertThatThrownBy(() -> LabelSelector.parse(selector))
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining("unable to parse requirement");
        }
    }

    @Nested
    class OfFields {

        private static final Set<String> SUPPORTED = Set.of("metadata.name", "spec.nodeName");

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "metadata.name=a | true",
                    "metadata.name!=a | false",
                    "metadata.name==a,spec.nodeName= | true",
                    "spec.nodeName!= | false"
                })
        void match(String selector, boolean expected) {
            assertThat(
                            FieldSelector.parse(selector, SUPPORTED)
                                    .matches(Map.of("metadata.name", "a", "spec.nodeName", "")))
                    .isEqualTo(expected);
        }

        @Test
        void refuseAnUnknownFieldByName() {
            assertThatThrownBy(() -> FieldSelector.parse("spec.foo=a", SUPPORTED))
                    .isInstanceOf(ApiException.class)
                    .hasMessageStartingWith("field label not supported: spec.foo");
        }
    }
}

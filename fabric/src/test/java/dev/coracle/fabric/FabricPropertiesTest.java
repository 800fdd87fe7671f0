package dev.coracle.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class FabricPropertiesTest {

    @Test
    void readsEverySettingByItsName() {
        Map<String, String> settings =
                Map.of(
                        "coracle.fabric.mode", "host",
                        "coracle.fabric.prefix", "other",
                        "coracle.fabric.nodes", "10.189.0.0/24",
                        "coracle.fabric.pods", "10.144.0.0/16",
                        "coracle.fabric.services", "10.196.0.0/16",
                        "coracle.fabric.load-balancers", "10.188.0.0/24");

        assertThat(FabricProperties.read(settings::get))
                .isEqualTo(
                        new FabricProperties(
                                FabricProperties.Mode.HOST,
                                "other",
                                Cidr.of("10.189.0.0/24"),
                                Cidr.of("10.144.0.0/16"),
                                Cidr.of("10.196.0.0/16"),
                                Cidr.of("10.188.0.0/24")));
    }

    @Test
    void hasDefaultsForWhatIsNotSet() {
        assertThat(FabricProperties.read(_ -> null)).isEqualTo(FabricProperties.defaults());
    }

    @Test
    void refusesAPrefixThatCannotStartAName() {
        Map<String, String> settings = Map.of("coracle.fabric.prefix", "Coracle_1");
        assertThatThrownBy(() -> FabricProperties.read(settings::get))
                .hasMessageContaining("'Coracle_1'");
    }
}

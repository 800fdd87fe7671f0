package dev.coracle.cluster;

import dev.coracle.testkit.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void keepsTheRulesOfConventions() {
        ArchitectureRules.check("dev.coracle.cluster");
    }
}

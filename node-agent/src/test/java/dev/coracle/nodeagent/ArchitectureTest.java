package dev.coracle.nodeagent;

import dev.coracle.testkit.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void keepsTheRulesOfConventions() {
        ArchitectureRules.check("dev.coracle.nodeagent");
    }
}

package dev.coracle.apiserver.storage;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** A clock that jumps must change neither an order nor what is compacted. */
class StorageTimeTest {

    @Test
    void neitherStorageNorWatchesKnowTheTimeOfDay() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(InstantSource.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Instant.class)
                .because("revisions are the only time of the log; ages are measured by ticks")
                .check(
                        new ClassFileImporter()
                                .withImportOption(new ImportOption.DoNotIncludeTests())
                                .importPackages(
                                        "dev.coracle.apiserver.storage",
                                        "dev.coracle.apiserver.watch"));
    }
}

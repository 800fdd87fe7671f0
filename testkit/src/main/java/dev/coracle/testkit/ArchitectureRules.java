package dev.coracle.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The rules of {@code docs/conventions.md} that a machine can hold, each with its reason.
 *
 * <p>Every module has a ten-line {@code ArchitectureTest} that calls {@link #check(String)} with
 * its root package.
 */
public final class ArchitectureRules {

    private static final String COMPOSITION_ROOT = ".*(Application|Configuration|Main)(\\$.*)?";

    private ArchitectureRules() {}

    /**
     * Checks the main classes below {@code rootPackage}; fails with every violation and the rule's
     * reason.
     */
    public static void check(String rootPackage) {
        JavaClasses classes =
                new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages(rootPackage);
        if (classes.isEmpty()) {
            throw new AssertionError(
                    "no classes below '" + rootPackage + "': is the package right?");
        }
        List<String> failures = new ArrayList<>();
        for (ArchRule rule : rules(rootPackage)) {
            var result = rule.allowEmptyShould(true).evaluate(classes);
            if (result.hasViolation()) {
                failures.add(result.getFailureReport().toString());
            }
        }
        if (!failures.isEmpty()) {
            throw new AssertionError(String.join("\n\n", failures));
        }
    }

    private static List<ArchRule> rules(String rootPackage) {
        return List.of(
                slices().matching(rootPackage + ".(*)..")
                        .should()
                        .beFreeOfCycles()
                        .because("packages are read in one direction, as the data flows"),
                bannedCall(Instant.class, "now", "inject java.time.InstantSource"),
                bannedCall(System.class, "currentTimeMillis", "inject java.time.InstantSource"),
                noClasses()
                        .should()
                        .callMethodWhere(accessTo(Thread.class, "sleep"))
                        .because("wait for a condition, or schedule"),
                noClasses()
                        .should()
                        .callMethodWhere(
                                DescribedPredicate.describe(
                                        "toUpperCase()/toLowerCase() without a locale",
                                        call ->
                                                call.getTargetOwner().isEquivalentTo(String.class)
                                                        && List.of("toUpperCase", "toLowerCase")
                                                                .contains(call.getName())
                                                        && call.getTarget()
                                                                .getParameterTypes()
                                                                .isEmpty()))
                        .because("the result depends on the machine: pass Locale.ROOT"),
                noClasses()
                        .that(DescribedPredicate.not(compositionRoot()))
                        .and()
                        .resideOutsideOfPackages("dev.coracle.cluster..")
                        .should()
                        .accessField(System.class, "out")
                        .because("log through slf4j; only the command line prints"),
                noClasses()
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("java.util.logging..")
                        .because("log through slf4j"),
                noClasses()
                        .should()
                        .callMethodWhere(accessTo(java.util.stream.Collectors.class, "toList"))
                        .because("Stream.toList() is immutable"),
                noClasses()
                        .should()
                        .haveNameMatching(".*(Manager|Helper|Utils?|Processor|Wrapper|Impl|DTO)")
                        .because("the name says nothing; see docs/conventions.md for the words"));
    }

    private static ArchRule bannedCall(Class<?> type, String method, String instead) {
        return noClasses()
                .that(DescribedPredicate.not(compositionRoot()))
                .should()
                .callMethodWhere(accessTo(type, method))
                .because(instead);
    }

    private static DescribedPredicate<JavaAccess<?>> accessTo(Class<?> type, String method) {
        return DescribedPredicate.describe(
                type.getSimpleName() + "." + method + "()",
                access ->
                        access.getTargetOwner().isEquivalentTo(type)
                                && access.getName().equals(method));
    }

    private static DescribedPredicate<JavaClass> compositionRoot() {
        return DescribedPredicate.describe(
                "the composition root", type -> type.getName().matches(COMPOSITION_ROOT));
    }
}

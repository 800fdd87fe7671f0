package dev.coracle.apiserver.registry.admissionregistration;

import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationResult;
import dev.cel.parser.CelParser;
import dev.cel.parser.CelParserFactory;
import dev.cel.parser.CelStandardMacro;
import dev.coracle.apiserver.registry.validation.Check;

/** The syntax of CEL expressions. What they name is not looked up, nor are their types checked. */
final class Expressions {

    private static final CelParser PARSER =
            CelParserFactory.standardCelParserBuilder()
                    .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                    .setOptions(CelOptions.current().enableOptionalSyntax(true).build())
                    .build();

    private Expressions() {}

    /** An error when the member is there and cannot be parsed. */
    static void check(Check place, String member) {
        if (place.text(member).isBlank()) {
            return;
        }
        CelValidationResult parsed = PARSER.parse(place.text(member));
        if (parsed.hasError()) {
            place.invalid(member, "compilation failed: " + parsed.getErrorString());
        }
    }
}

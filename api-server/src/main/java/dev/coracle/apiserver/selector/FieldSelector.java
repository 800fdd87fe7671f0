package dev.coracle.apiserver.selector;

import dev.coracle.apiserver.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A {@code fieldSelector} parameter: equalities that must all hold (Kubernetes: Field Selectors).
 */
public final class FieldSelector {

    private record Term(String field, String value, boolean equal) {}

    /** A field and the value it must have. */
    public record Exact(String field, String value) {}

    private final List<Term> terms;

    private FieldSelector(List<Term> terms) {
        this.terms = List.copyOf(terms);
    }

    /**
     * Parses {@code a=b,c!=d}; empty text matches everything.
     *
     * @param supported the fields this resource can be selected by, and the fields of the object
     *     they stand for
     * @throws ApiException 400 for an unknown field or a term that is no equality
     */
    public static FieldSelector parse(String text, Map<String, String> supported) {
        List<Term> terms = new ArrayList<>();
        if (!text.isBlank()) {
            for (String part : text.split(",", -1)) {
                terms.add(term(part.strip(), text, supported));
            }
        }
        return new FieldSelector(terms);
    }

    /** The same for fields that stand for themselves. */
    public static FieldSelector parse(String text, Set<String> supported) {
        return parse(
                text, supported.stream().collect(Collectors.toMap(name -> name, name -> name)));
    }

    public boolean matches(Map<String, String> fields) {
        return terms.stream()
                .allMatch(term ->
                        fields.getOrDefault(term.field(), "").equals(term.value()) == term.equal());
    }

    public boolean isEverything() {
        return terms.isEmpty();
    }

    /** One of the equalities, if there is any. */
    public Optional<Exact> exact() {
        return terms.stream()
                .filter(Term::equal)
                .findFirst()
                .map(term -> new Exact(term.field(), term.value()));
    }

    private static Term term(String part, String whole, Map<String, String> supported) {
        int operator = part.indexOf('=');
        if (operator < 0) {
            throw ApiException.badRequest(
                    "invalid selector: '" + whole + "'; can't understand '" + part + "'");
        }
        boolean unequal = operator > 0 && part.charAt(operator - 1) == '!';
        int valueStart = part.startsWith("==", operator) ? operator + 2 : operator + 1;
        String field = part.substring(0, unequal ? operator - 1 : operator).strip();
        String stored = supported.get(field);
        if (stored == null) {
            throw ApiException.badRequest(
                    "field label not supported: "
                            + field
                            + "; supported: "
                            + String.join(", ", new TreeSet<>(supported.keySet())));
        }
        return new Term(stored, part.substring(valueStart).strip(), !unequal);
    }
}

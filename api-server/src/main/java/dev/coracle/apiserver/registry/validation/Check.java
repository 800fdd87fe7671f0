package dev.coracle.apiserver.registry.validation;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A place in an object that is being validated: a node, its path, and the list that all places of
 * one validation share. Members that are absent pass every check but {@link #required}. Confined to
 * one request.
 */
public final class Check {

    private final JsonNode node;
    private final String path;
    private final List<FieldError> errors;

    private Check(JsonNode node, String path, List<FieldError> errors) {
        this.node = node;
        this.path = path;
        this.errors = errors;
    }

    /** Runs rules over a whole object. */
    public static List<FieldError> object(ApiObject object, Consumer<Check> rules) {
        return at(object.tree(), "", rules);
    }

    /** Runs rules over a part, whose path begins every error. */
    public static List<FieldError> at(JsonNode node, String path, Consumer<Check> rules) {
        List<FieldError> errors = new ArrayList<>();
        rules.accept(new Check(node, path, errors));
        return errors;
    }

    public JsonNode node() {
        return node;
    }

    public String path() {
        return path;
    }

    /** The path of a member here. */
    public String path(String member) {
        return path.isEmpty() ? member : path + "." + member;
    }

    public String text(String member) {
        return Json.text(node, member);
    }

    /** Whether a member has a value that is not empty. */
    public boolean has(String member) {
        return Json.isPresent(Json.at(node, member));
    }

    /** The place at a dotted path below, there or not. */
    public Check in(String member) {
        return new Check(Json.at(node, member), path(member), errors);
    }

    /** Runs rules over an object, if it is there. */
    public Check ifPresent(String member, Consumer<Check> rules) {
        if (Json.at(node, member).isObject()) {
            rules.accept(in(member));
        }
        return this;
    }

    /** Runs rules over each item of a list. */
    public Check each(String member, Consumer<Check> rules) {
        JsonNode list = Json.at(node, member);
        for (int i = 0; i < list.size() && list.isArray(); i++) {
            rules.accept(new Check(list.path(i), path(member) + "[" + i + "]", errors));
        }
        return this;
    }

    public Check add(FieldError error) {
        errors.add(error);
        return this;
    }

    public Check addAll(List<FieldError> more) {
        errors.addAll(more);
        return this;
    }

    public Check invalid(String member, String detail) {
        JsonNode value = Json.at(node, member);
        return add(
                FieldError.invalid(path(member), value.isMissingNode() ? "null" : value, detail));
    }

    /** An error about the value at this very place. */
    public Check invalid(String detail) {
        return add(FieldError.invalid(path, node.isMissingNode() ? "null" : node, detail));
    }

    public Check forbidden(String member, String detail) {
        return add(FieldError.forbidden(path(member), detail));
    }

    public Check duplicate(String member) {
        return add(FieldError.duplicate(path(member), Json.at(node, member)));
    }

    public Check required(String member) {
        return required(member, "");
    }

    /** An error when a member is absent or empty. */
    public Check required(String member, String detail) {
        return has(member) ? this : add(FieldError.required(path(member), detail));
    }

    /** An error when a member is absent; an empty value will do. */
    public Check given(String member, String detail) {
        JsonNode value = Json.at(node, member);
        return value.isMissingNode() || value.isNull()
                ? add(FieldError.required(path(member), detail))
                : this;
    }

    public Check supported(String member, String... values) {
        String value = text(member);
        return value.isEmpty() || List.of(values).contains(value)
                ? this
                : add(FieldError.notSupported(path(member), value, List.of(values)));
    }

    /** An error for each item of a list of texts that is not one of {@code values}. */
    public Check eachSupported(String member, String... values) {
        return each(
                member,
                item -> {
                    String value = item.node().asString("");
                    if (!List.of(values).contains(value)) {
                        item.add(FieldError.notSupported(item.path(), value, List.of(values)));
                    }
                });
    }

    public Check notNegative(String member) {
        return Json.at(node, member).asLong(0) < 0
                ? invalid(member, "must be greater than or equal to 0")
                : this;
    }

    /** No negative counts, and none that is greater than the first. */
    public Check counts(String whole, String... parts) {
        notNegative(whole);
        for (String part : parts) {
            notNegative(part);
            if (Json.at(node, part).asLong(0) > Json.at(node, whole).asLong(0)) {
                invalid(part, "cannot be greater than " + path(whole));
            }
        }
        return this;
    }

    public Check positive(String member) {
        JsonNode value = Json.at(node, member);
        return value.isNumber() && value.asLong(0) <= 0
                ? invalid(member, "must be greater than 0")
                : this;
    }

    public Check between(String member, long least, long most) {
        JsonNode value = Json.at(node, member);
        return value.isNumber() && (value.asLong() < least || value.asLong() > most)
                ? invalid(member, "must be between " + least + " and " + most + ", inclusive")
                : this;
    }

    public Check port(String member) {
        return between(member, 1, 65535);
    }

    /** An IntOrString: a count that is not negative, or a percentage of at most a hundred. */
    public Check countOrPercent(String member) {
        JsonNode value = Json.at(node, member);
        if (value.isNumber()) {
            return notNegative(member);
        } else if (!value.isString()) {
            return this;
        }
        String text = value.asString();
        if (!text.matches("[0-9]+%")) {
            return invalid(
                    member,
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g."
                            + " '1%',  or '93%', regex used for validation is '[0-9]+%')");
        }
        return text.length() > 4 || Integer.parseInt(text.substring(0, text.length() - 1)) > 100
                ? invalid(member, "must not be greater than 100%")
                : this;
    }

    /** A quantity; {@code least} is the smallest allowed one. */
    public Check quantity(String member, BigDecimal least) {
        JsonNode value = Json.at(node, member);
        if (value.isMissingNode()) {
            return this;
        }
        Optional<BigDecimal> quantity = Quantities.parse(value.asString(""));
        if (quantity.isEmpty()) {
            return invalid(member, Quantities.EXPECTED);
        }
        return quantity.get().compareTo(least) < 0
                ? invalid(member, "must be greater than or equal to " + least)
                : this;
    }

    /** A map of quantities, by resource name; none is negative. */
    public Check quantities(String member) {
        JsonNode map = Json.at(node, member);
        Check here = in(member);
        for (String name : map.propertyNames()) {
            String at = here.path() + "[" + name + "]";
            String value = map.path(name).asString("");
            Optional<BigDecimal> quantity = Quantities.parse(value);
            if (quantity.isEmpty()) {
                add(FieldError.invalid(at, value, Quantities.EXPECTED));
            } else if (quantity.get().signum() < 0) {
                add(FieldError.invalid(at, value, "must be greater than or equal to 0"));
            }
            String wrong = Names.qualifiedName(name);
            if (wrong != null) {
                add(FieldError.invalid(at, name, wrong));
            }
        }
        return this;
    }

    /** A text of the shape that {@code rule} wants: one of {@link Names}. */
    public Check shaped(String member, Function<String, @Nullable String> rule) {
        String value = text(member);
        @Nullable String wrong = value.isEmpty() ? null : rule.apply(value);
        return wrong == null ? this : invalid(member, wrong);
    }

    /** A name that no other place has taken in {@code taken}. */
    public Check unique(String member, Set<String> taken) {
        return !has(member) || taken.add(text(member)) ? this : duplicate(member);
    }

    /** A LabelSelector in a member, or here when {@code member} is empty. */
    public Check selector(String member) {
        return addAll(
                member.isEmpty()
                        ? Selectors.validate(node, path)
                        : Selectors.validate(Json.at(node, member), path(member)));
    }

    public Check labels(String member) {
        return addAll(Metadata.labels(Json.at(node, member), path(member)));
    }
}

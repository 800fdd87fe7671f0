package dev.coracle.apiserver.customresource;

import dev.coracle.apiserver.customresource.rule.RuleValidator;
import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.schema.CustomDefinition;
import dev.coracle.apiserver.schema.Schema;
import dev.coracle.apiserver.schema.StructuralCheck;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The schema of one version of a custom resource, compiled. Immutable, thread-safe. */
public final class CustomSchema implements CustomDefinition {

    private static final Set<FieldError.Type> BLOCKING =
            Set.of(
                    FieldError.Type.REQUIRED,
                    FieldError.Type.TOO_LONG,
                    FieldError.Type.TOO_MANY,
                    FieldError.Type.TYPE_INVALID);

    private final StructuralCheck metadata;
    private final Structural structural;
    private final ValueValidator values;
    private final RuleValidator rules;
    private final ObjectNode published;
    private final Schema.Struct shape;

    /**
     * Compiles a schema.
     *
     * @param schema an {@code openAPIV3Schema} that {@link SchemaRules} accepts
     * @param metadata checks the metadata of the object and of those embedded in it
     */
    public CustomSchema(GroupVersionKind kind, ObjectNode schema, StructuralCheck metadata) {
        this.metadata = metadata;
        structural = Structural.read(schema);
        values = new ValueValidator(schema);
        rules = RuleValidator.compile(schema);
        published = PublishedDefinition.of(schema, kind);
        shape = SchemaShape.ofResource(structural);
    }

    /** The name of a kind's definition in the catalog. */
    public static String nameOf(GroupVersionKind kind) {
        return PublishedDefinition.name(kind);
    }

    @Override
    public ObjectNode published() {
        return published;
    }

    @Override
    public Schema.Struct struct() {
        return shape;
    }

    @Override
    public StructuralCheck.Pruned prune(ObjectNode tree) {
        List<String> unknown = new ArrayList<>();
        Pruning.apply(tree, structural, unknown);
        List<String> mismatches = new ArrayList<>();
        unreadable(tree, mismatches);
        pruneMetadata(tree, "metadata", unknown, mismatches);
        EmbeddedObjects.visit(
                tree,
                structural,
                "",
                (embedded, path) ->
                        pruneMetadata(embedded, path + ".metadata", unknown, mismatches));
        return new StructuralCheck.Pruned(
                unknown, mismatches.isEmpty() ? null : mismatches.getFirst());
    }

    /** Numbers must be what a double can hold, as Go reads them. */
    private static void unreadable(JsonNode value, List<String> mismatches) {
        if (value.isNumber() && !Double.isFinite(value.decimalValue().doubleValue())) {
            mismatches.add(
                    "json: cannot unmarshal number " + value + " into Go value of type float64");
        }
        value.forEach(child -> unreadable(child, mismatches));
    }

    private void pruneMetadata(
            ObjectNode object, String path, List<String> unknown, List<String> mismatches) {
        JsonNode given = object.path("metadata");
        if (given instanceof ObjectNode node) {
            StructuralCheck.Pruned pruned = metadata.prune(node, SchemaShape.OBJECT_META);
            pruned.unknown().forEach(field -> unknown.add(path + "." + field));
            if (pruned.mismatch() != null) {
                mismatches.add(pruned.mismatch());
            }
        } else if (given.isNull()) {
            object.remove("metadata");
        } else if (!given.isMissingNode()) {
            mismatches.add(
                    "json: cannot unmarshal "
                            + JsonType.of(given)
                            + " into field "
                            + path
                            + " of type object");
        }
    }

    /** Removes what the schema does not name, without a word. */
    public void pruneSilently(ObjectNode tree) {
        Pruning.apply(tree, structural, new ArrayList<>());
    }

    public void applyDefaults(ObjectNode tree) {
        Defaulting.apply(tree, structural);
    }

    /** Whether it has rules in CEL. */
    public boolean hasRules() {
        return !rules.isEmpty();
    }

    /**
     * Everything wrong with an object.
     *
     * @param old what it replaces; null for a new object
     */
    public List<FieldError> validate(ObjectNode tree, @Nullable ObjectNode old) {
        List<FieldError> errors =
                old == null
                        ? values.validate(tree, "")
                        : Ratcheting.without(values.validate(tree, ""), structural, tree, old);
        EmbeddedObjects.visit(
                tree,
                structural,
                "",
                (embedded, path) -> EmbeddedObjects.check(embedded, path, errors));
        ListUniqueness.check(tree, structural, "", errors);
        if (!rules.isEmpty()) {
            if (errors.stream().anyMatch(error -> BLOCKING.contains(error.type()))) {
                errors.add(
                        FieldError.invalid(
                                "<nil>",
                                "null",
                                "some validation rules were not checked because the object was"
                                        + " invalid; correct the existing errors to complete"
                                        + " validation"));
            } else {
                errors.addAll(rules.validate(tree, old));
            }
        }
        return errors;
    }
}

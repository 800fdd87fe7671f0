package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.TablePrinter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The strategy of a resource that needs no code of its own but a few rules, declared one by one.
 * Immutable once built.
 */
public final class DeclaredStrategy implements ResourceStrategy {

    private final ResourceDefinition definition;
    private final TablePrinter table;
    private final Consumer<ApiObject> defaults;
    private final BiConsumer<ApiObject, ObjectNode> onRequest;
    private final Consumer<ApiObject> onCreate;
    private final BiConsumer<ApiObject, ApiObject> onUpdate;
    private final BiConsumer<ApiObject, ApiObject> onStatusUpdate;
    private final Consumer<Check> rules;
    private final Consumer<Check> statusRules;
    private final List<BiFunction<ApiObject, ApiObject, List<FieldError>>> updateRules;
    private final BiFunction<ApiObject, ApiObject, List<FieldError>> statusUpdateRule;
    private final Function<String, @Nullable String> nameRule;
    private final Function<ApiObject, Map<String, String>> fields;
    private final @Nullable BiPredicate<ApiObject, ApiObject> newGeneration;
    private final boolean answersDeleteWithObject;
    private final boolean orphansDependents;
    private final String deprecation;
    private final boolean compilesExpressions;

    private DeclaredStrategy(Builder builder) {
        definition = builder.definition;
        table = builder.table;
        defaults = builder.defaults;
        onRequest = builder.onRequest;
        onCreate = builder.onCreate;
        onUpdate = builder.onUpdate;
        onStatusUpdate = builder.onStatusUpdate;
        rules = builder.rules;
        statusRules = builder.statusRules;
        updateRules = List.copyOf(builder.updateRules);
        statusUpdateRule = builder.statusUpdateRule;
        nameRule = builder.nameRule;
        fields = builder.fields;
        newGeneration = builder.newGeneration;
        answersDeleteWithObject = builder.answersDeleteWithObject;
        orphansDependents = builder.orphansDependents;
        deprecation = builder.deprecation;
        compilesExpressions = builder.compilesExpressions;
    }

    /** Starts the declaration of a resource that accepts what its schema does. */
    public static Builder of(ResourceDefinition definition) {
        return new Builder(definition);
    }

    /** What is declared so far. Every method may be called once, but those that say otherwise. */
    public static final class Builder {

        private final ResourceDefinition definition;
        private TablePrinter table = TablePrinter.nameAndAge();
        private Consumer<ApiObject> defaults = _ -> {};
        private BiConsumer<ApiObject, ObjectNode> onRequest = (_, _) -> {};
        private Consumer<ApiObject> onCreate = _ -> {};
        private BiConsumer<ApiObject, ApiObject> onUpdate = (_, _) -> {};
        private BiConsumer<ApiObject, ApiObject> onStatusUpdate = (_, _) -> {};
        private Consumer<Check> rules = _ -> {};
        private Consumer<Check> statusRules = _ -> {};
        private final List<BiFunction<ApiObject, ApiObject, List<FieldError>>> updateRules =
                new ArrayList<>();
        private BiFunction<ApiObject, ApiObject, List<FieldError>> statusUpdateRule =
                (_, _) -> List.of();
        private Function<String, @Nullable String> nameRule = Names::subdomain;
        private Function<ApiObject, Map<String, String>> fields = _ -> Map.of();
        private @Nullable BiPredicate<ApiObject, ApiObject> newGeneration;
        private boolean answersDeleteWithObject;
        private boolean orphansDependents;
        private boolean compilesExpressions;
        private String deprecation = "";

        private Builder(ResourceDefinition definition) {
            this.definition = definition;
        }

        public Builder printedBy(TablePrinter printer) {
            table = printer;
            return this;
        }

        /** See {@link ResourceStrategy#applyDefaults}. */
        public Builder defaults(Consumer<ApiObject> apply) {
            defaults = apply;
            return this;
        }

        /** See {@link ResourceStrategy#stampRequester}. */
        public Builder onRequest(BiConsumer<ApiObject, ObjectNode> stamp) {
            onRequest = stamp;
            return this;
        }

        /** See {@link ResourceStrategy#prepareForCreate}; the status has been removed before. */
        public Builder onCreate(Consumer<ApiObject> prepare) {
            onCreate = prepare;
            return this;
        }

        /** See {@link ResourceStrategy#prepareForUpdate}: the updated object and the old one. */
        public Builder onUpdate(BiConsumer<ApiObject, ApiObject> prepare) {
            onUpdate = prepare;
            return this;
        }

        public Builder rules(Consumer<Check> check) {
            rules = check;
            return this;
        }

        /** See {@link ResourceStrategy#prepareForStatusUpdate}. */
        public Builder onStatusUpdate(BiConsumer<ApiObject, ApiObject> prepare) {
            onStatusUpdate = prepare;
            return this;
        }

        /** What a status must be when it is updated; the rules start at {@code status}. */
        public Builder statusRules(Consumer<Check> check) {
            statusRules = check;
            return this;
        }

        /** See {@link ResourceStrategy#validateStatus}. */
        public Builder statusUpdateRule(BiFunction<ApiObject, ApiObject, List<FieldError>> rule) {
            statusUpdateRule = rule;
            return this;
        }

        /** See {@link ResourceStrategy#validateUpdate}; may be called again. */
        public Builder updateRule(BiFunction<ApiObject, ApiObject, List<FieldError>> rule) {
            updateRules.add(rule);
            return this;
        }

        /** Fields, as dotted paths, that keep their value. */
        public Builder immutable(String... paths) {
            return updateRule((updated, old) -> Metadata.immutable(updated, old, paths));
        }

        /** What an object's name looks like: a method of {@link Names}. */
        public Builder named(Function<String, @Nullable String> rule) {
            nameRule = rule;
            return this;
        }

        public Builder selectableBy(Function<ApiObject, Map<String, String>> values) {
            fields = values;
            return this;
        }

        /** Objects have a generation, which a change of the spec bumps. */
        public Builder withGeneration() {
            return withGeneration((updated, old) -> !updated.at("spec").equals(old.at("spec")));
        }

        /**
         * Objects have a generation; {@code changes} says when the old one is not the new one's.
         */
        public Builder withGeneration(BiPredicate<ApiObject, ApiObject> changes) {
            newGeneration = changes;
            return this;
        }

        public Builder answersDeleteWithObject() {
            answersDeleteWithObject = true;
            return this;
        }

        /** See {@link ResourceStrategy#orphansDependents}. */
        public Builder orphansDependents() {
            orphansDependents = true;
            return this;
        }

        /** A warning that goes with every answer. */
        public Builder deprecated(String warning) {
            deprecation = warning;
            return this;
        }

        /** Its rules take long. */
        public Builder compilesExpressions() {
            compilesExpressions = true;
            return this;
        }

        public DeclaredStrategy build() {
            return new DeclaredStrategy(this);
        }
    }

    @Override
    public ResourceDefinition definition() {
        return definition;
    }

    @Override
    public TablePrinter table() {
        return table;
    }

    @Override
    public String deprecation() {
        return deprecation;
    }

    @Override
    public Map<String, String> selectableFields(ApiObject object) {
        return fields.apply(object);
    }

    @Override
    public void applyDefaults(ApiObject object) {
        defaults.accept(object);
    }

    @Override
    public void stampRequester(ApiObject object, ObjectNode requester) {
        onRequest.accept(object, requester);
    }

    @Override
    public void prepareForCreate(ApiObject object) {
        if (definition.has(Subresource.STATUS)) {
            // also an empty one is there, for clients that read it at once
            object.tree().putObject("status");
        }
        onCreate.accept(object);
    }

    @Override
    public void prepareForUpdate(ApiObject updated, ApiObject old) {
        onUpdate.accept(updated, old);
    }

    @Override
    public boolean validatesSlowly() {
        return compilesExpressions;
    }

    @Override
    public List<FieldError> validate(ApiObject object) {
        return Check.object(object, rules);
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        return updateRules.stream().flatMap(rule -> rule.apply(updated, old).stream()).toList();
    }

    @Override
    public void prepareForStatusUpdate(ApiObject updated, ApiObject old) {
        onStatusUpdate.accept(updated, old);
    }

    @Override
    public List<FieldError> validateStatus(ApiObject updated, ApiObject old) {
        List<FieldError> errors =
                new ArrayList<>(
                        Check.object(updated, whole -> statusRules.accept(whole.in("status"))));
        errors.addAll(statusUpdateRule.apply(updated, old));
        return errors;
    }

    @Override
    public @Nullable String validateName(String name) {
        return nameRule.apply(name);
    }

    @Override
    public boolean tracksGeneration() {
        return newGeneration != null;
    }

    @Override
    public boolean changesGeneration(ApiObject updated, ApiObject old) {
        return newGeneration != null && newGeneration.test(updated, old);
    }

    @Override
    public boolean answersDeleteWithObject() {
        return answersDeleteWithObject;
    }

    @Override
    public boolean orphansDependents() {
        return orphansDependents;
    }
}

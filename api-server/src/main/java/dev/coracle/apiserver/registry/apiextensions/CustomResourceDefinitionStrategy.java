package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Metadata;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Column;
import dev.coracle.apiserver.table.TablePrinter;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** CustomResourceDefinitions. */
public final class CustomResourceDefinitionStrategy implements ResourceStrategy {

    static final String FINALIZER = "customresourcecleanup.apiextensions.k8s.io";
    static final String STORAGE_KEY = "customresourcedefinitions.apiextensions.k8s.io";

    private static final ResourceDefinition DEFINITION =
            ResourceDefinition.clusterScoped(
                            "apiextensions.k8s.io",
                            "v1",
                            "CustomResourceDefinition",
                            "customresourcedefinitions",
                            "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition")
                    .withShortNames("crd", "crds")
                    .inCategory("api-extensions")
                    .with(Subresource.STATUS);

    private final InstantSource clock;

    public CustomResourceDefinitionStrategy(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public ResourceDefinition definition() {
        return DEFINITION;
    }

    @Override
    public TablePrinter table() {
        return new TablePrinter() {
            @Override
            public List<Column> columns() {
                return List.of(Column.objectName(), new Column("Created At", "date", "", 0));
            }

            @Override
            public List<Object> cells(ApiObject object, Instant now) {
                return List.of(object.name(), object.text("metadata.creationTimestamp"));
            }
        };
    }

    @Override
    public boolean tracksGeneration() {
        return true;
    }

    @Override
    public void applyDefaults(ApiObject object) {
        ObjectNode spec = object.spec();
        if (spec.path("names") instanceof ObjectNode names) {
            String kind = Json.text(names, "kind");
            if (!kind.isEmpty()) {
                Json.setDefault(names, "singular", kind.toLowerCase(Locale.ROOT));
                Json.setDefault(names, "listKind", kind + "List");
            }
        }
        Json.setDefault(Json.object(spec, "conversion"), "strategy", "None");
    }

    @Override
    public void prepareForCreate(ApiObject object) {
        object.tree().remove("status");
        addStoredVersion(object);
    }

    @Override
    public void prepareForUpdate(ApiObject updated, ApiObject old) {
        addStoredVersion(updated);
    }

    /** The storage version joins {@code status.storedVersions}. */
    private static void addStoredVersion(ApiObject object) {
        for (ObjectNode version : Json.objects(object.at("spec.versions"))) {
            String name = Json.text(version, "name");
            ArrayNode stored =
                    object.status().path("storedVersions") instanceof ArrayNode there
                            ? there
                            : object.status().putArray("storedVersions");
            if (version.path("storage").asBoolean(false) && !Json.texts(stored).contains(name)) {
                stored.add(name);
            }
        }
    }

    /** It compiles the rules in the schema. */
    @Override
    public boolean validatesSlowly() {
        return true;
    }

    @Override
    public List<FieldError> validateCreate(ApiObject object) {
        List<FieldError> errors = new ArrayList<>(DefinitionRules.check(object));
        errors.addAll(storedVersions(object));
        return errors;
    }

    @Override
    public List<FieldError> validateUpdate(ApiObject updated, ApiObject old) {
        List<FieldError> errors =
                new ArrayList<>(
                        Metadata.immutable(updated, old, "spec.group", "spec.names.plural"));
        // what is stored was checked, and compiling its rules again takes long
        errors.addAll(
                updated.at("spec").equals(old.at("spec"))
                        ? storedVersions(updated)
                        : validateCreate(updated));
        if (Conditions.isTrue(old, Conditions.ESTABLISHED)) {
            errors.addAll(Metadata.immutable(updated, old, "spec.scope", "spec.names.kind"));
        }
        return errors;
    }

    @Override
    public List<FieldError> validateStatus(ApiObject updated, ApiObject old) {
        return storedVersions(updated);
    }

    private static List<FieldError> storedVersions(ApiObject object) {
        List<FieldError> errors = new ArrayList<>();
        List<String> stored = Json.texts(object.at("status.storedVersions"));
        Set<String> defined = new TreeSet<>();
        for (ObjectNode version : Json.objects(object.at("spec.versions"))) {
            String name = Json.text(version, "name");
            defined.add(name);
            if (version.path("storage").asBoolean(false) && !stored.contains(name)) {
                errors.add(
                        FieldError.invalid(
                                "status.storedVersions",
                                object.at("status.storedVersions"),
                                "must have the storage version " + name));
            }
        }
        for (int i = 0; i < stored.size(); i++) {
            if (!defined.contains(stored.get(i))) {
                errors.add(
                        FieldError.invalid(
                                "status.storedVersions[" + i + "]",
                                stored.get(i),
                                "must appear in spec.versions"));
            }
        }
        return errors;
    }

    /** Its objects go first: a finalizer holds it until they are gone. */
    @Override
    public void markDeleted(ApiObject object) {
        if (!object.finalizers().contains(FINALIZER)) {
            ArrayNode finalizers =
                    object.metadata().path("finalizers") instanceof ArrayNode there
                            ? there
                            : object.metadata().putArray("finalizers");
            finalizers.add(FINALIZER);
        }
        Conditions.set(
                object,
                Conditions.TERMINATING,
                true,
                "InstanceDeletionPending",
                "CustomResourceDefinition marked for deletion; CustomResource deletion will begin"
                        + " soon",
                clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    }
}

package dev.coracle.apiserver.registry.apiextensions;

import dev.coracle.apiserver.customresource.CustomSchema;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.schema.CustomDefinition;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.schema.StructuralCheck;
import dev.coracle.apiserver.watch.WatchCache;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes the registry, and with it discovery and the OpenAPI documents, serve what the stored CRDs
 * say. A CRD that has not changed keeps its strategies. Confined to one thread at a time.
 */
final class PublishedDefinitions {

    private static final Logger LOG = LoggerFactory.getLogger(PublishedDefinitions.class);

    private final WatchCache cache;
    private final ResourceRegistry resources;
    private final SchemaCatalog catalog;
    private Map<String, Published> published = new LinkedHashMap<>();

    PublishedDefinitions(WatchCache cache, ResourceRegistry resources, SchemaCatalog catalog) {
        this.cache = cache;
        this.resources = resources;
        this.catalog = catalog;
    }

    /** What a CRD depends on; the same source makes the same strategies. */
    private record Source(JsonNode spec, JsonNode names) {}

    /**
     * What a CRD brings.
     *
     * @param any a strategy for its objects, also when no version is served; null when the resource
     *     is a built-in one, whose objects are not the CRD's
     */
    private record Published(
            Source source,
            List<ResourceStrategy> strategies,
            Map<String, CustomDefinition> definitions,
            @Nullable ResourceStrategy any) {}

    /** Serves what the cache holds now. */
    void publish() {
        Map<String, Published> next = new LinkedHashMap<>();
        List<String> changed = new ArrayList<>();
        cache.snapshot(CustomResourceDefinitionStrategy.STORAGE_KEY)
                .objects()
                .values()
                .forEach(cached -> {
                    ApiObject crd = cached.toObject();
                    if (!isServed(crd)) {
                        return;
                    }
                    Source source = new Source(crd.at("spec"), crd.at("status.acceptedNames"));
                    @Nullable Published before = published.get(crd.name());
                    if (before == null || !before.source().equals(source)) {
                        before = build(crd, source);
                        changed.add(crd.name());
                    }
                    next.put(crd.name(), before);
                });
        if (changed.isEmpty() && next.keySet().equals(published.keySet())) {
            return;
        }
        published = next;
        Map<String, CustomDefinition> definitions = new HashMap<>();
        List<ResourceStrategy> strategies = new ArrayList<>();
        next.values()
                .forEach(each -> {
                    definitions.putAll(each.definitions());
                    strategies.addAll(each.strategies());
                });
        catalog.replaceCustom(definitions);
        resources.replaceCustom(strategies);
        changed.forEach(cache::refreshFields);
    }

    private static boolean isServed(ApiObject crd) {
        return !crd.text("status.acceptedNames.plural").isEmpty()
                && (Conditions.isTrue(crd, Conditions.NAMES_ACCEPTED)
                        || Conditions.isTrue(crd, Conditions.ESTABLISHED));
    }

    private Published build(ApiObject crd, Source source) {
        try {
            Map<String, CustomSchema> schemas = schemas(crd);
            List<ResourceStrategy> strategies = new ArrayList<>();
            Map<String, CustomDefinition> definitions = new HashMap<>();
            if (resources.isBuiltIn(crd.name())) {
                return new Published(source, List.of(), Map.of(), null);
            }
            ResourceStrategy any = null;
            for (CustomVersion version : CustomVersion.all(crd)) {
                any = new CustomResourceStrategy(version, schemas, () -> isTerminating(crd.name()));
                if (!version.served()) {
                    continue;
                }
                strategies.add(any);
                String name = version.definition().kind().version();
                CustomSchema schema = schemas.get(name);
                if (schema != null) {
                    definitions.put(version.definition().schema(), schema);
                }
            }
            return new Published(source, strategies, definitions, any);
        } catch (RuntimeException e) {
            LOG.error("cannot serve the custom resource '{}'", crd.name(), e);
            return new Published(source, List.of(), Map.of(), null);
        }
    }

    private boolean isTerminating(String crd) {
        return cache.find(CustomResourceDefinitionStrategy.STORAGE_KEY, new NamespacedName("", crd))
                .map(found -> Conditions.isTrue(found.toObject(), Conditions.TERMINATING))
                .orElse(true);
    }

    private Map<String, CustomSchema> schemas(ApiObject crd) {
        Map<String, CustomSchema> schemas = new HashMap<>();
        StructuralCheck metadata = new StructuralCheck(catalog);
        for (ObjectNode version : Json.objects(crd.at("spec.versions"))) {
            String name = Json.text(version, "name");
            GroupVersionKind kind =
                    new GroupVersionKind(
                            crd.text("spec.group"), name, crd.text("status.acceptedNames.kind"));
            if (Json.at(version, "schema.openAPIV3Schema") instanceof ObjectNode schema) {
                schemas.put(name, new CustomSchema(kind, schema, metadata));
            }
        }
        return schemas;
    }

    /** A strategy for the objects of a CRD, in any version; empty when it has none. */
    Optional<ResourceStrategy> findStrategy(String crd) {
        Published found = published.get(crd);
        return found == null ? Optional.empty() : Optional.ofNullable(found.any());
    }
}

package dev.coracle.controllers.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coracle.controllers.informer.Informer;
import dev.coracle.controllers.ownership.Adoption;
import dev.coracle.controllers.ownership.Owners;
import dev.coracle.controllers.ownership.Selectors;
import dev.coracle.controllers.pod.TemplateHash;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Keeps an object's ControllerRevisions as upstream does: one per template that was ever rolled
 * out, numbered in the order of their use, the oldest unused ones removed. Thread-safe.
 */
public final class Revisions {

    private static final List<String> HASHES =
            List.of("controller.kubernetes.io/hash", "controller-revision-hash");

    private static final Comparator<ControllerRevision> ORDER =
            Comparator.comparingLong(ControllerRevision::getRevision)
                    .thenComparing(
                            revision -> revision.getMetadata().getCreationTimestamp(),
                            Comparator.nullsFirst(Comparator.naturalOrder()))
                    .thenComparing(revision -> revision.getMetadata().getName());

    private final KubernetesClient client;
    private final Informer<ControllerRevision> known;
    private final String hashLabel;
    private final Adoption adoption;
    private final ObjectMapper mapper = new ObjectMapper();
    private final KubernetesSerialization json = new KubernetesSerialization();

    private Revisions(
            KubernetesClient client, Informer<ControllerRevision> known, String hashLabel) {
        this.client = client;
        this.known = known;
        this.hashLabel = hashLabel;
        this.adoption = new Adoption(client);
    }

    public static Revisions ofStatefulSets(
            KubernetesClient client, Informer<ControllerRevision> known) {
        return new Revisions(client, known, HASHES.getFirst());
    }

    /** Those of DaemonSets have the hash in the label that their pods have, too. */
    public static Revisions ofDaemonSets(
            KubernetesClient client, Informer<ControllerRevision> known) {
        return new Revisions(client, known, HASHES.getLast());
    }

    /** Those {@code owner} controls, after adopting orphans; the newest last. */
    public List<ControllerRevision> claim(HasMetadata owner, LabelSelector selector) {
        List<ControllerRevision> revisions = new ArrayList<>();
        for (ControllerRevision revision : known.listIn(owner.getMetadata().getNamespace())) {
            if (Owners.isControlledBy(revision, owner)) {
                revisions.add(revision);
            } else if (Owners.findController(revision).isEmpty()
                    && owner.getMetadata().getDeletionTimestamp() == null
                    && revision.getMetadata().getDeletionTimestamp() == null
                    && Selectors.selects(selector, Selectors.labels(revision))
                    && adoption.isOpenTo(owner)) {
                revisions.add(adopt(revision, owner));
            }
        }
        revisions.sort(ORDER);
        return revisions;
    }

    private ControllerRevision adopt(ControllerRevision orphan, HasMetadata owner) {
        return client.apps()
                .controllerRevisions()
                .resource(
                        new ControllerRevisionBuilder(orphan)
                                .editMetadata()
                                .addToOwnerReferences(Owners.controllerReference(owner))
                                .endMetadata()
                                .build())
                .update();
    }

    /**
     * The revision of {@code template}: the one that is there, made the newest, or a new one.
     *
     * @param present those of {@code owner}, the newest last
     * @param collisions how many times a name was found taken
     * @throws NameTakenException if the name of a new one is taken by another template
     */
    public ControllerRevision revisionOf(
            HasMetadata owner,
            PodTemplateSpec template,
            List<ControllerRevision> present,
            int collisions) {
        JsonNode data = dataOf(template);
        Optional<ControllerRevision> same =
                present.reversed().stream().filter(r -> dataOf(r).equals(data)).findFirst();
        if (same.isPresent() && same.get().equals(present.getLast())) {
            return same.get();
        }
        long next = present.isEmpty() ? 1 : present.getLast().getRevision() + 1;
        if (same.isPresent()) {
            return client.apps()
                    .controllerRevisions()
                    .resource(new ControllerRevisionBuilder(same.get()).withRevision(next).build())
                    .update();
        }
        return create(owner, template, data, next, collisions);
    }

    private ControllerRevision create(
            HasMetadata owner,
            PodTemplateSpec template,
            JsonNode data,
            long number,
            int collisions) {
        String hash = TemplateHash.of(template, collisions);
        Map<String, String> labels = new HashMap<>();
        if (template.getMetadata() != null && template.getMetadata().getLabels() != null) {
            labels.putAll(template.getMetadata().getLabels());
        }
        labels.put(hashLabel, hash);
        ControllerRevision wanted =
                new ControllerRevisionBuilder()
                        .withNewMetadata()
                        .withNamespace(owner.getMetadata().getNamespace())
                        .withName(owner.getMetadata().getName() + "-" + hash)
                        .withLabels(labels)
                        .withAnnotations(owner.getMetadata().getAnnotations())
                        .withOwnerReferences(Owners.controllerReference(owner))
                        .endMetadata()
                        .withRevision(number)
                        .withData(data)
                        .build();
        var revisions =
                client.apps().controllerRevisions().inNamespace(owner.getMetadata().getNamespace());
        try {
            return revisions.resource(wanted).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            ControllerRevision taken = revisions.withName(wanted.getMetadata().getName()).get();
            // also one that an earlier owner of this name still has: it is adopted once that is
            // gone
            if (taken != null && dataOf(taken).equals(data)) {
                return taken;
            }
            throw new NameTakenException(wanted.getMetadata().getName());
        }
    }

    /** The name of a new revision belongs to another template; the hash needs another salt. */
    public static final class NameTakenException extends RuntimeException {
        NameTakenException(String name) {
            super("the name '" + name + "' of a new ControllerRevision is taken");
        }
    }

    /** The template a revision keeps. */
    public PodTemplateSpec templateOf(ControllerRevision revision) {
        JsonNode template = dataOf(revision).path("spec").path("template").deepCopy();
        if (template instanceof ObjectNode object) {
            object.remove("$patch");
        }
        return json.unmarshal(template.toString(), PodTemplateSpec.class);
    }

    /** The hash in its label; also in the label of the other kind. */
    public String hashOf(ControllerRevision revision) {
        Map<String, String> labels = Selectors.labels(revision);
        return Stream.concat(Stream.of(hashLabel), HASHES.stream())
                .map(label -> labels.getOrDefault(label, ""))
                .filter(hash -> !hash.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** The others of {@code present} that keep the same template. */
    public List<ControllerRevision> twinsOf(
            ControllerRevision revision, List<ControllerRevision> present) {
        JsonNode data = dataOf(revision);
        return present.stream()
                .filter(r -> !r.getMetadata().getName().equals(revision.getMetadata().getName()))
                .filter(r -> dataOf(r).equals(data))
                .toList();
    }

    public void delete(ControllerRevision revision) {
        var _ = client.apps().controllerRevisions().resource(revision).delete();
    }

    /**
     * Removes the oldest beyond {@code limit}.
     *
     * @param inUse names that count as used and stay
     */
    public void truncate(List<ControllerRevision> present, Set<String> inUse, int limit) {
        List<ControllerRevision> unused =
                present.stream().filter(r -> !inUse.contains(r.getMetadata().getName())).toList();
        for (ControllerRevision oldest : unused.subList(0, Math.max(0, unused.size() - limit))) {
            delete(oldest);
        }
    }

    /** As upstream keeps it: a patch that replaces the template. */
    private JsonNode dataOf(PodTemplateSpec template) {
        ObjectNode data = mapper.createObjectNode();
        JsonNode tree = tree(template);
        data.putObject("spec").set("template", tree);
        if (tree instanceof ObjectNode object) {
            object.put("$patch", "replace");
        }
        return data;
    }

    private JsonNode dataOf(ControllerRevision revision) {
        return tree(revision.getData());
    }

    private JsonNode tree(Object value) {
        try {
            return mapper.readTree(json.asJson(value));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}

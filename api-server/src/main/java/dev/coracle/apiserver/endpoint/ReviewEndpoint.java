package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.authorization.PolicyRule;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST} of a review: the answer is its status; nothing is stored. */
final class ReviewEndpoint {

    private final Authenticator authenticator;
    private final Authorizer authorizer;
    private final BodyDecoder decoder;

    ReviewEndpoint(Authenticator authenticator, Authorizer authorizer, BodyDecoder decoder) {
        this.authenticator = authenticator;
        this.authorizer = authorizer;
        this.decoder = decoder;
    }

    Mono<ServerResponse> handle(ServerRequest request, RequestTarget target) {
        if (!(Representation.of(request) instanceof Representation.Plain)) {
            throw ApiException.notAcceptable("application/json, application/yaml");
        }
        return BodyDecoder.bytes(request)
                .flatMap(body -> Answers.json(201, reviewed(request, target, body)));
    }

    private ObjectNode reviewed(ServerRequest request, RequestTarget target, byte[] body) {
        ResourceDefinition definition = target.strategy().definition();
        ApiObject review =
                decoder.decode(
                                BodyDecoder.tree(request, body),
                                definition.kind(),
                                definition.schema(),
                                new QueryOptions(request).text("fieldValidation"),
                                CreateEndpoint.duplicates(request, body))
                        .object();
        review.tree().remove("status");
        if (definition.group().equals("authorization.k8s.io")) {
            requireEmptyMetadata(review, definition.namespaced());
        }
        review.metadata().putNull("creationTimestamp");
        User user = caller(request);
        switch (definition.kind().kind()) {
            case "SelfSubjectReview" -> review.status().set("userInfo", user.toJson());
            case "TokenReview" -> reviewToken(review);
            case "SelfSubjectAccessReview" -> decide(review, user);
            case "SelfSubjectRulesReview" -> listRules(review, user);
            case "SubjectAccessReview" -> decide(review, subject(review));
            case "LocalSubjectAccessReview" -> {
                String namespace = review.text("spec.resourceAttributes.namespace");
                if (!namespace.equals(target.namespace())) {
                    throw invalid(
                            review,
                            FieldError.invalid(
                                    "spec.resourceAttributes.namespace",
                                    namespace,
                                    "must match metadata.namespace: " + target.namespace()));
                }
                decide(review, subject(review));
            }
            default -> throw new IllegalStateException("no review: " + definition);
        }
        return review.tree();
    }

    private static void requireEmptyMetadata(ApiObject review, boolean namespaced) {
        ObjectNode metadata = review.metadata().deepCopy();
        metadata.remove(List.of("managedFields", "creationTimestamp"));
        if (namespaced) {
            metadata.remove("namespace");
        }
        metadata.properties().removeIf(entry -> !Json.isPresent(entry.getValue()));
        if (!metadata.isEmpty()) {
            throw invalid(
                    review,
                    FieldError.invalid(
                            "metadata",
                            metadata,
                            namespaced ? "must be empty except for namespace" : "must be empty"));
        }
    }

    /** Who is asking; every path that leads here is authenticated. */
    static User caller(ServerRequest request) {
        return request.attribute(User.ATTRIBUTE)
                .filter(User.class::isInstance)
                .map(User.class::cast)
                .orElseThrow(ApiException::unauthorized);
    }

    private void reviewToken(ApiObject review) {
        String token = review.text("spec.token");
        if (token.isEmpty()) {
            throw ApiException.badRequest("token is required for TokenReview in authentication");
        }
        List<String> audiences = Json.texts(review.at("spec.audiences"));
        List<String> asked = audiences.isEmpty() ? List.of(ServiceAccountTokens.ISSUER) : audiences;
        ObjectNode status = review.status();
        authenticator
                .verify(token, asked)
                .ifPresentOrElse(
                        verified -> {
                            status.put("authenticated", true);
                            status.set("user", verified.user().toJson());
                            ArrayNode list = status.putArray("audiences");
                            verified.audiences().forEach(list::add);
                        },
                        () -> status.putObject("user"));
    }

    private void decide(ApiObject review, User user) {
        RbacAuthorizer.Decision decision = authorizer.decide(user, attributes(review));
        review.status().put("allowed", decision.allowed());
        if (!decision.reason().isEmpty()) {
            review.status().put("reason", decision.reason());
        }
    }

    private static User subject(ApiObject review) {
        List<String> groups = Json.texts(review.at("spec.groups"));
        String name = review.text("spec.user");
        if (name.isEmpty() && groups.isEmpty()) {
            throw invalid(
                    review,
                    FieldError.invalid(
                            "spec.user", name, "at least one of user or group must be specified"));
        }
        Map<String, List<String>> extra = new HashMap<>();
        review.at("spec.extra")
                .properties()
                .forEach(entry -> extra.put(entry.getKey(), Json.texts(entry.getValue())));
        return new User(name, review.text("spec.uid"), groups, extra);
    }

    private static Attributes attributes(ApiObject review) {
        JsonNode resource = review.at("spec.resourceAttributes");
        JsonNode other = review.at("spec.nonResourceAttributes");
        if (resource.isObject() == other.isObject()) {
            throw invalid(
                    review,
                    resource.isObject()
                            ? FieldError.invalid(
                                    "spec.nonResourceAttributes",
                                    other,
                                    "cannot be specified in combination with resourceAttributes")
                            : FieldError.invalid(
                                    "spec.resourceAttributes",
                                    "",
                                    "exactly one of nonResourceAttributes or resourceAttributes must be"
                                            + " specified"));
        }
        if (other.isObject()) {
            return Attributes.nonResource(Json.text(other, "verb"), Json.text(other, "path"));
        }
        return new Attributes(
                Json.text(resource, "verb"),
                Json.text(resource, "group"),
                Json.text(resource, "version"),
                Json.text(resource, "resource"),
                Json.text(resource, "subresource"),
                Json.text(resource, "namespace"),
                Json.text(resource, "name"),
                "");
    }

    private void listRules(ApiObject review, User user) {
        String namespace = review.text("spec.namespace");
        if (namespace.isEmpty()) {
            throw ApiException.badRequest("no namespace on request");
        }
        ObjectNode status = review.status();
        ArrayNode resources = status.putArray("resourceRules");
        ArrayNode others = status.putArray("nonResourceRules");
        for (PolicyRule rule : authorizer.rules(user, namespace)) {
            if (rule.nonResourceUrls().isEmpty()) {
                ObjectNode entry = resources.addObject();
                put(entry, "verbs", rule.verbs());
                put(entry, "apiGroups", rule.apiGroups());
                put(entry, "resources", rule.resources());
                put(entry, "resourceNames", rule.resourceNames());
            } else {
                ObjectNode entry = others.addObject();
                put(entry, "verbs", rule.verbs());
                put(entry, "nonResourceURLs", rule.nonResourceUrls());
            }
        }
        status.put("incomplete", false);
    }

    private static void put(ObjectNode entry, String member, List<String> values) {
        if (!values.isEmpty() || member.equals("verbs")) {
            new ArrayList<>(values).forEach(entry.withArray(member)::add);
        }
    }

    private static ApiException invalid(ApiObject review, FieldError error) {
        return ApiException.invalid("authorization.k8s.io", review.kind(), "", List.of(error));
    }
}

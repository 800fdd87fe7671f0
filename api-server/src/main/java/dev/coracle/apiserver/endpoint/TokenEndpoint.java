package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authentication.ServiceAccountTokens.Bound;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.GroupVersionKind;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.status.ApiException;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchCache;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** {@code POST} to {@code serviceaccounts/<name>/token} (authentication.k8s.io/v1 TokenRequest). */
final class TokenEndpoint {

    private static final GroupVersionKind KIND =
            new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest");
    private static final String SCHEMA = "io.k8s.api.authentication.v1.TokenRequest";
    private static final long DEFAULT_SECONDS = 3600;
    private static final long MIN_SECONDS = 600;

    private final Registry registry;
    private final WatchCache cache;
    private final PolicyChecks policies;
    private final ServiceAccountTokens tokens;
    private final BodyDecoder decoder;
    private final InstantSource clock;

    TokenEndpoint(
            Registry registry,
            WatchCache cache,
            PolicyChecks policies,
            ServiceAccountTokens tokens,
            BodyDecoder decoder,
            InstantSource clock) {
        this.registry = registry;
        this.cache = cache;
        this.policies = policies;
        this.tokens = tokens;
        this.decoder = decoder;
        this.clock = clock;
    }

    Mono<ServerResponse> handle(ServerRequest request, RequestTarget target) {
        return BodyDecoder.bytes(request)
                .flatMap(body -> {
                    ApiObject asked =
                            decoder.decode(
                                            BodyDecoder.tree(request, body),
                                            KIND,
                                            SCHEMA,
                                            new QueryOptions(request).text("fieldValidation"),
                                            CreateEndpoint.duplicates(request, body))
                                    .object();
                    ApiObject account = registry.get(target.strategy(), target.key());
                    PolicyCheck check = policies.of(request, target);
                    return check.action(asked)
                            .then(
                                    Mono.defer(() -> {
                                        Answers.warn(request, check.and(List.of()));
                                        return Answers.json(201, issued(asked, account).tree());
                                    }));
                });
    }

    private ApiObject issued(ApiObject asked, ApiObject account) {
        JsonNode given = asked.at("spec.expirationSeconds");
        long seconds = given.asLong(DEFAULT_SECONDS);
        if (seconds < MIN_SECONDS || seconds > 1L << 32) {
            throw ApiException.invalid(
                    KIND.group(),
                    KIND.kind(),
                    "",
                    List.of(
                            FieldError.invalid(
                                    "spec.expirationSeconds",
                                    seconds,
                                    seconds < MIN_SECONDS
                                            ? "may not specify a duration less than 10 minutes"
                                            : "may not specify a duration larger than 2^32 seconds")));
        }
        List<String> audiences = Json.texts(asked.at("spec.audiences"));
        if (audiences.isEmpty()) {
            audiences = List.of(ServiceAccountTokens.ISSUER);
            asked.spec().putArray("audiences").add(ServiceAccountTokens.ISSUER);
        }
        Instant expiry = clock.instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(seconds);
        String token =
                tokens.issue(
                        account.key(), account.uid(), bound(asked, account), audiences, expiry);
        asked.spec().put("expirationSeconds", seconds);
        asked.metadata().put("name", account.name()).put("namespace", account.namespace());
        asked.metadata()
                .put(
                        "creationTimestamp",
                        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        asked.status().put("token", token).put("expirationTimestamp", expiry.toString());
        return asked;
    }

    private Optional<Bound> bound(ApiObject asked, ApiObject account) {
        JsonNode reference = asked.at("spec.boundObjectRef");
        if (!reference.isObject()) {
            return Optional.empty();
        }
        String kind = Json.text(reference, "kind");
        if (!Set.of("Pod", "Secret", "Node").contains(kind)
                || !Json.text(reference, "apiVersion").equals("v1")) {
            throw ApiException.badRequest(
                    "cannot bind token for serviceaccount \""
                            + account.name()
                            + "\" to object of kind \""
                            + kind
                            + "\": expected a Pod, Secret or Node of v1");
        }
        String resource = kind.toLowerCase(Locale.ROOT) + "s";
        String name = Json.text(reference, "name");
        String namespace = kind.equals("Node") ? "" : account.namespace();
        ApiObject object =
                cache.find(resource, new NamespacedName(namespace, name))
                        .map(CachedObject::toObject)
                        .orElseThrow(() -> ApiException.notFound("", resource, name));
        String uid = Json.text(reference, "uid");
        if (!uid.isEmpty() && !uid.equals(object.uid())) {
            throw ApiException.conflict(
                    "",
                    resource,
                    name,
                    "the UID in the bound object reference ("
                            + uid
                            + ") does not match the UID in record. The object might have been deleted"
                            + " and then recreated");
        }
        if (kind.equals("Pod") && !serviceAccount(object).equals(account.name())) {
            throw ApiException.badRequest(
                    "cannot bind token for serviceaccount \""
                            + account.name()
                            + "\" to pod running with different serviceaccount name.");
        }
        return Optional.of(new Bound(kind, resource, name, object.uid()));
    }

    private static String serviceAccount(ApiObject pod) {
        String name = pod.text("spec.serviceAccountName");
        return name.isEmpty() ? "default" : name;
    }
}

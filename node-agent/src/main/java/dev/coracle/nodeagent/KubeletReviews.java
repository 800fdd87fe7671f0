package dev.coracle.nodeagent;

import dev.coracle.nodeagent.server.KubeletAccess;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TokenReviews and SubjectAccessReviews, remembered as long as a kubelet does. The lock of each map
 * protects it.
 */
final class KubeletReviews implements KubeletAccess.Reviews {

    private static final Logger log = LoggerFactory.getLogger(KubeletReviews.class);
    private static final Duration TOKEN = Duration.ofMinutes(2);
    private static final Duration YES = Duration.ofMinutes(5);
    private static final Duration NO = Duration.ofSeconds(30);
    private static final int MOST = 1000;

    private final KubernetesClient client;
    private final String node;
    private final InstantSource clock;
    private final Map<String, Known<Optional<KubeletAccess.Caller>>> tokens = memory();
    private final Map<Question, Known<Boolean>> answers = memory();

    KubeletReviews(KubernetesClient client, String node, InstantSource clock) {
        this.client = client;
        this.node = node;
        this.clock = clock;
    }

    private record Question(KubeletAccess.Caller caller, String verb, String subresource) {}

    private record Known<T>(T answer, Instant until) {}

    @Override
    public Optional<KubeletAccess.Caller> authenticate(String token) {
        Known<Optional<KubeletAccess.Caller>> known = tokens.get(token);
        if (known != null && clock.instant().isBefore(known.until())) {
            return known.answer();
        }
        Optional<KubeletAccess.Caller> caller;
        try {
            TokenReview review =
                    client.tokenReviews()
                            .create(
                                    new TokenReviewBuilder()
                                            .withNewSpec()
                                            .withToken(token)
                                            .endSpec()
                                            .build());
            caller =
                    Boolean.TRUE.equals(review.getStatus().getAuthenticated())
                            ? Optional.of(caller(review.getStatus().getUser()))
                            : Optional.empty();
        } catch (KubernetesClientException e) {
            log.warn("a token cannot be reviewed: {}", e.getMessage());
            return Optional.empty();
        }
        Duration valid = caller.isPresent() ? TOKEN : Duration.ZERO;
        tokens.put(token, new Known<>(caller, clock.instant().plus(valid)));
        return caller;
    }

    private static KubeletAccess.Caller caller(UserInfo user) {
        return new KubeletAccess.Caller(
                Objects.requireNonNullElse(user.getUsername(), ""),
                Objects.requireNonNullElse(user.getUid(), ""),
                Objects.requireNonNullElse(user.getGroups(), List.of()),
                Objects.requireNonNullElse(user.getExtra(), Map.of()));
    }

    @Override
    public boolean allows(KubeletAccess.Caller caller, String verb, String subresource) {
        Question question = new Question(caller, verb, subresource);
        Known<Boolean> known = answers.get(question);
        if (known != null && clock.instant().isBefore(known.until())) {
            return known.answer();
        }
        try {
            SubjectAccessReview review =
                    client.authorization()
                            .v1()
                            .subjectAccessReview()
                            .create(
                                    new SubjectAccessReviewBuilder()
                                            .withNewSpec()
                                            .withUser(caller.user())
                                            .withUid(caller.uid())
                                            .withGroups(caller.groups())
                                            .withExtra(caller.extra())
                                            .withNewResourceAttributes()
                                            .withVerb(verb)
                                            .withVersion("v1")
                                            .withResource("nodes")
                                            .withSubresource(subresource)
                                            .withName(node)
                                            .endResourceAttributes()
                                            .endSpec()
                                            .build());
            boolean allowed = Boolean.TRUE.equals(review.getStatus().getAllowed());
            answers.put(question, new Known<>(allowed, clock.instant().plus(allowed ? YES : NO)));
            return allowed;
        } catch (KubernetesClientException e) {
            log.warn("access of '{}' cannot be reviewed: {}", caller.user(), e.getMessage());
            return false;
        }
    }

    /** Forgets the eldest. */
    private static <K, V> Map<K, V> memory() {
        return java.util.Collections.synchronizedMap(
                new LinkedHashMap<>() {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                        return size() > MOST;
                    }
                });
    }
}

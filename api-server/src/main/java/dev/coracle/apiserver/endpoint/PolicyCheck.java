package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.admission.NodeRestriction;
import dev.coracle.apiserver.admission.policy.AdmissionRequest;
import dev.coracle.apiserver.admission.policy.ValidatingPolicies;
import dev.coracle.apiserver.admission.quota.QuotaAccounts;
import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.Validation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Holds one request against what its node may do, if a node asks, and against the admission
 * policies, keeps what they warn of, and charges what it writes to quotas.
 */
final class PolicyCheck implements Validation {

    private final NodeRestriction nodes;
    private final ValidatingPolicies policies;
    private final QuotaAccounts quotas;
    private final ServerRequest request;
    private final RequestTarget target;
    private final User caller;
    private final boolean applies;
    private volatile List<String> warnings = List.of();

    PolicyCheck(
            NodeRestriction nodes,
            ValidatingPolicies policies,
            QuotaAccounts quotas,
            ServerRequest request,
            RequestTarget target) {
        this.nodes = nodes;
        this.policies = policies;
        this.quotas = quotas;
        this.request = request;
        this.target = target;
        this.caller = ReviewEndpoint.caller(request);
        this.applies = !policies.isEmpty();
    }

    @Override
    public void check(ApiObject object, @Nullable ApiObject old) {
        restrict(old == null ? Operation.CREATE : Operation.UPDATE, object, old);
        if (applies) {
            warnings = policies.check(review(object, old));
        }
    }

    @Override
    public <T> Mono<T> before(ApiObject object, @Nullable ApiObject old, Mono<T> write) {
        return target.subresource() == null
                ? quotas.charged(
                        target.strategy().definition(),
                        object,
                        old,
                        new QueryOptions(request).dryRun(),
                        write)
                : write;
    }

    /** A delete of an object as it is stored. */
    Mono<Void> deletion(ApiObject old) {
        restrict(Operation.DELETE, null, old);
        return review(() -> review(null, old));
    }

    /** What a subresource is asked for by an object of its own kind, such as a Binding. */
    Mono<Void> action(ApiObject asked) {
        restrict(Operation.CREATE, asked, null);
        return review(() -> review(Operation.CREATE, asked, null, target.name()));
    }

    private void restrict(
            Operation operation, @Nullable ApiObject object, @Nullable ApiObject old) {
        caller.node()
                .ifPresent(node ->
                        nodes.check(
                                node,
                                new NodeRestriction.Request(
                                        operation,
                                        target.strategy().definition().storageKey(),
                                        target.subresource() == null
                                                ? ""
                                                : target.subresource().path(),
                                        old == null ? target.key() : old.key(),
                                        object,
                                        old)));
    }

    private Mono<Void> review(Supplier<AdmissionRequest> reviewed) {
        return applies
                ? Mono.<Void>fromRunnable(() -> warnings = policies.check(reviewed.get()))
                        .subscribeOn(Schedulers.boundedElastic())
                : Mono.empty();
    }

    @Override
    public boolean isSlow() {
        return applies;
    }

    private AdmissionRequest review(@Nullable ApiObject object, @Nullable ApiObject old) {
        Operation operation =
                object == null
                        ? Operation.DELETE
                        : old == null ? Operation.CREATE : Operation.UPDATE;
        ApiObject named = object == null ? old : object;
        return review(operation, served(object), served(old), named == null ? "" : named.name());
    }

    private AdmissionRequest review(
            Operation operation, @Nullable ApiObject object, @Nullable ApiObject old, String name) {
        return new AdmissionRequest(
                operation,
                target.strategy().definition(),
                target.subresource() == null ? "" : target.subresource().path(),
                target.namespace(),
                name,
                object,
                old,
                caller.toJson(),
                new QueryOptions(request).dryRun());
    }

    /** As the client sees it. */
    private @Nullable ApiObject served(@Nullable ApiObject stored) {
        if (stored == null) {
            return null;
        }
        return target.subresource() == Subresource.SCALE
                ? new ApiObject(target.strategy().scaleOf(stored))
                : target.strategy().toServed(stored.copy());
    }

    /** These and what the policies warn of. */
    List<String> and(List<String> others) {
        if (warnings.isEmpty()) {
            return others;
        }
        List<String> all = new ArrayList<>(others);
        all.addAll(warnings);
        return all;
    }
}

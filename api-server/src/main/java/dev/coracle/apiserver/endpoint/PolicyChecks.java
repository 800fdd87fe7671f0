package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.admission.NodeRestriction;
import dev.coracle.apiserver.admission.policy.ValidatingPolicies;
import dev.coracle.apiserver.admission.quota.QuotaAccounts;
import org.springframework.web.reactive.function.server.ServerRequest;

/** What every write is held against. */
record PolicyChecks(NodeRestriction nodes, ValidatingPolicies policies, QuotaAccounts quotas) {

    PolicyCheck of(ServerRequest request, RequestTarget target) {
        return new PolicyCheck(nodes, policies, quotas, request, target);
    }
}

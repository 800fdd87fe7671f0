package dev.coracle.apiserver.endpoint;

import dev.coracle.apiserver.admission.policy.ValidatingPolicies;
import dev.coracle.apiserver.admission.quota.QuotaAccounts;
import org.springframework.web.reactive.function.server.ServerRequest;

/** What every write is held against. */
record PolicyChecks(ValidatingPolicies policies, QuotaAccounts quotas) {

    PolicyCheck of(ServerRequest request, RequestTarget target) {
        return new PolicyCheck(policies, quotas, request, target);
    }
}

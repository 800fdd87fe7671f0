/**
 * ValidatingAdmissionPolicies in force: CEL expressions that refuse requests, or warn of them.
 *
 * <p>Flow: a prepared object -> bindings and policies that match the request -> parameters ->
 * expressions -> decisions. Start at {@link
 * dev.coracle.apiserver.admission.policy.ValidatingPolicies}. Rule: decides on the watch cache's
 * state, writes nothing.
 */
@NullMarked
package dev.coracle.apiserver.admission.policy;

import org.jspecify.annotations.NullMarked;

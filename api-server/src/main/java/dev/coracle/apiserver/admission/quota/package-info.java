/**
 * ResourceQuotas: what a namespace's objects use, and may use.
 *
 * <p>{@link dev.coracle.apiserver.admission.quota.Usage} says what one object uses, {@link
 * dev.coracle.apiserver.admission.quota.QuotaScopes} which quotas are about it. {@link
 * dev.coracle.apiserver.admission.quota.QuotaAccounts} charges a write to the quotas before it is
 * done, and {@link dev.coracle.apiserver.admission.quota.QuotaStatus} counts again what a namespace
 * really has. Both are here and not in a control loop, so that they count alike (ADR 0019).
 */
@NullMarked
package dev.coracle.apiserver.admission.quota;

import org.jspecify.annotations.NullMarked;

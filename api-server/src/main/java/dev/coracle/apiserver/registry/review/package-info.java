/**
 * The kinds that are questions: a create answers them and stores nothing (authentication.k8s.io and
 * authorization.k8s.io).
 *
 * <p>Start at {@link dev.coracle.apiserver.registry.review.ReviewKinds}.
 */
@NullMarked
package dev.coracle.apiserver.registry.review;

import org.jspecify.annotations.NullMarked;

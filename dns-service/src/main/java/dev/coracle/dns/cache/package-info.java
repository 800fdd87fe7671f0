/**
 * Answers of other servers, for as long as they allow.
 *
 * <p>Start at {@link dev.coracle.dns.cache.AnswerCache}.
 */
@NullMarked
package dev.coracle.dns.cache;

import org.jspecify.annotations.NullMarked;

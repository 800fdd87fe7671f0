/**
 * What a user configures beyond the cluster: names for others, addresses for names, resolvers for
 * zones.
 *
 * <p>Start at {@link dev.coracle.dns.rules.RulesFile}. The rule: a file that is wrong changes
 * nothing.
 */
@NullMarked
package dev.coracle.dns.rules;

import org.jspecify.annotations.NullMarked;

/**
 * What lets a request pass that is allowed and well-formed, or refuses it.
 *
 * <p>The plugins of {@link dev.coracle.apiserver.admission.AdmissionChain}, whose order is in that
 * file, see an object after its defaults and before its validation, and may change it. {@code
 * policy} has the last word on what the strategy accepted, and changes nothing; {@code quota} then
 * charges it, just before it is written. Before the policies, {@link
 * dev.coracle.apiserver.admission.NodeRestriction} holds nodes to themselves.
 */
@NullMarked
package dev.coracle.apiserver.admission;

import org.jspecify.annotations.NullMarked;

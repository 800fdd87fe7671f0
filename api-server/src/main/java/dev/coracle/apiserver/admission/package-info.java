/**
 * What looks at an object after its defaults and before its validation; may change or refuse it.
 *
 * <p>The order is in one file, {@link dev.coracle.apiserver.admission.AdmissionChain}.
 */
@NullMarked
package dev.coracle.apiserver.admission;

import org.jspecify.annotations.NullMarked;

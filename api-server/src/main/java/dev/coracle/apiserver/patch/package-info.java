/**
 * The patch formats of the API: JSON Patch (RFC 6902), JSON Merge Patch (RFC 7386) and strategic
 * merge patch.
 *
 * <p>Start at {@link dev.coracle.apiserver.patch.Patch}. Pure: a patch makes a new tree out of an
 * old one.
 */
@NullMarked
package dev.coracle.apiserver.patch;

import org.jspecify.annotations.NullMarked;

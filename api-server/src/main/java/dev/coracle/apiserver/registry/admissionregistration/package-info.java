/** Webhook configurations and validating admission policies. */
@NullMarked
package dev.coracle.apiserver.registry.admissionregistration;

import org.jspecify.annotations.NullMarked;

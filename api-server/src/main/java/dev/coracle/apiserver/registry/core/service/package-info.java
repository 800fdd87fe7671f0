/** Services: defaults, validation, and the allocation of cluster IPs and node ports. */
@NullMarked
package dev.coracle.apiserver.registry.core.service;

import org.jspecify.annotations.NullMarked;

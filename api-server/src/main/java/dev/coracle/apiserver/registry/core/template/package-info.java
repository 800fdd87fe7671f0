/** PodTemplates and ReplicationControllers. */
@NullMarked
package dev.coracle.apiserver.registry.core.template;

import org.jspecify.annotations.NullMarked;

/** ConfigMaps and Secrets. */
@NullMarked
package dev.coracle.apiserver.registry.core.configuration;

import org.jspecify.annotations.NullMarked;

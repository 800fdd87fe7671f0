/** Events. */
@NullMarked
package dev.coracle.apiserver.registry.core.event;

import org.jspecify.annotations.NullMarked;

/** What the core group has beside objects: ComponentStatuses and Bindings. */
@NullMarked
package dev.coracle.apiserver.registry.core.component;

import org.jspecify.annotations.NullMarked;

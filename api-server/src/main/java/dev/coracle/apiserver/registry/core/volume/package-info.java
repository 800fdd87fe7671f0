/** PersistentVolumes and the claims on them. */
@NullMarked
package dev.coracle.apiserver.registry.core.volume;

import org.jspecify.annotations.NullMarked;

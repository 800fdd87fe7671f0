/** StorageClasses, attachments, and what CSI drivers say of themselves. */
@NullMarked
package dev.coracle.apiserver.registry.storage;

import org.jspecify.annotations.NullMarked;

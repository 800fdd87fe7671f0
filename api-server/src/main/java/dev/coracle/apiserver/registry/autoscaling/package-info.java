/** HorizontalPodAutoscalers, stored as v2 and served as v1 and v2. */
@NullMarked
package dev.coracle.apiserver.registry.autoscaling;

import org.jspecify.annotations.NullMarked;

/** FlowSchemas and PriorityLevelConfigurations. */
@NullMarked
package dev.coracle.apiserver.registry.flowcontrol;

import org.jspecify.annotations.NullMarked;

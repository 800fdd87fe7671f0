package dev.coracle.apiserver.schema;

import tools.jackson.databind.node.ObjectNode;

/**
 * A definition that a CustomResourceDefinition brings; it comes and goes at run time. Immutable.
 */
public interface CustomDefinition {

    /** As an OpenAPI 3 schema. Not to be changed. */
    ObjectNode published();

    Schema.Struct struct();

    /** Removes what the definition does not keep, in place. */
    StructuralCheck.Pruned prune(ObjectNode tree);
}

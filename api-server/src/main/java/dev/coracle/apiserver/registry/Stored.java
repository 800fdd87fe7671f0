package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;

/**
 * The result of a write: the object's bytes as they are stored (or, in a dry run, as they would
 * be).
 */
public record Stored(byte[] json) {

    public ApiObject toObject() {
        return ApiObject.parse(json);
    }
}

package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.object.ApiObject;

/**
 * The result of a write: the object's bytes as they are stored (or, in a dry run, as they would
 * be).
 *
 * @param created whether there was no object before
 */
public record Stored(byte[] json, boolean created) {

    public ApiObject toObject() {
        return ApiObject.parse(json);
    }
}

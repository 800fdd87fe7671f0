package dev.coracle.apiserver.watch;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.selector.Selection;
import java.util.Map;

/**
 * A stored object as readers see it. Immutable: {@code json} is written to clients as it stands.
 *
 * @param fields the values of the resource's selectable fields
 */
public record CachedObject(
        NamespacedName key,
        long revision,
        byte[] json,
        Map<String, String> labels,
        Map<String, String> fields) {

    public boolean isIn(Selection selection) {
        return selection.matches(key, labels, fields);
    }

    /** The same object, with another revision. */
    CachedObject at(long other) {
        ApiObject object = toObject();
        object.setResourceVersion(other);
        return new CachedObject(key, other, object.toBytes(), labels, fields);
    }

    /** A tree of one's own to read or change. */
    public ApiObject toObject() {
        return ApiObject.parse(json);
    }
}

package dev.coracle.apiserver.watch;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.selector.Selection;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A stored object as readers see it. Immutable: {@code json} is written to clients as it stands.
 * What selectors look at is read from it when it is first asked for, by any thread.
 */
public final class CachedObject {

    private final NamespacedName key;
    private final long revision;
    private final byte[] json;
    private final Function<ApiObject, Map<String, String>> fieldsOf;
    // written more than once at worst, with equal values
    private volatile @Nullable Selectable selectable;

    /**
     * An object that is not read yet.
     *
     * @param json not copied, never changed
     * @param fieldsOf gives the values of the resource's selectable fields
     */
    public CachedObject(
            NamespacedName key,
            long revision,
            byte[] json,
            Function<ApiObject, Map<String, String>> fieldsOf) {
        this.key = key;
        this.revision = revision;
        this.json = json;
        this.fieldsOf = fieldsOf;
    }

    private record Selectable(Map<String, String> labels, Map<String, String> fields) {}

    public NamespacedName key() {
        return key;
    }

    public long revision() {
        return revision;
    }

    public byte[] json() {
        return json;
    }

    public Map<String, String> labels() {
        return selectable().labels();
    }

    /** The values of the resource's selectable fields. */
    public Map<String, String> fields() {
        return selectable().fields();
    }

    public boolean isIn(Selection selection) {
        return selection.hasNamespaceOf(key)
                && (selection.isWholeNamespace() || selection.matches(key, labels(), fields()));
    }

    /** The same object, with another revision. */
    CachedObject at(long other) {
        ApiObject object = toObject();
        object.setResourceVersion(other);
        return new CachedObject(key, other, object.toBytes(), fieldsOf);
    }

    /** A tree of one's own to read or change. */
    public ApiObject toObject() {
        return ApiObject.parse(json);
    }

    private Selectable selectable() {
        Selectable known = selectable;
        if (known == null) {
            ApiObject object = toObject();
            known = new Selectable(object.labels(), fieldsOf.apply(object));
            selectable = known;
        }
        return known;
    }
}

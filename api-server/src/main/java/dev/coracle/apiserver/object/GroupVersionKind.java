package dev.coracle.apiserver.object;

/** A kind's full name; {@code group} is empty for the core group. */
public record GroupVersionKind(String group, String version, String kind) {

    /** {@code v1} or {@code apps/v1}. */
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }
}

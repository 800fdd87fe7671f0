package dev.coracle.apiserver.customresource;

/** Paths of values as upstream's field errors write them. */
final class ValuePath {

    private ValuePath() {}

    /** {@code spec.color} for a property, {@code spec.labels[color]} for a map's value. */
    static String member(String path, Structural schema, String name) {
        return schema.properties().containsKey(name) || schema.additional() == null
                ? child(path, name)
                : path + "[" + name + "]";
    }

    static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}

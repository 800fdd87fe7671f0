package dev.coracle.apiserver.managedfields;

/**
 * Who writes an object.
 *
 * @param manager the {@code fieldManager} parameter, or the client's name
 * @param apiVersion the version the fields are named in
 * @param subresource what the request is to, or empty for the object itself
 */
public record Writer(String manager, String apiVersion, String subresource) {}

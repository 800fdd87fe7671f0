package dev.coracle.apiserver.storage;

/**
 * One entry of the log.
 *
 * @param number greater than every earlier entry's; the resourceVersion of the API
 * @param deleted whether this entry ends the object; {@code json} is then its last state
 * @param json the object, carrying this revision as its resourceVersion; not copied, never changed
 */
public record Revision(long number, ObjectKey key, boolean deleted, byte[] json) {}

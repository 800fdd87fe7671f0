package dev.coracle.nodeagent.runtime;

/**
 * What a command in a container came to.
 *
 * @param output what it printed, the first 10 KiB
 */
public record ExecResult(int code, String output) {}

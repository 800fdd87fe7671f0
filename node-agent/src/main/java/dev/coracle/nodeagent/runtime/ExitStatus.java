package dev.coracle.nodeagent.runtime;

/**
 * How a container ended.
 *
 * @param code exit code; 128 + signal if a signal ended it
 */
public record ExitStatus(int code) {

    public boolean isSuccess() {
        return code == 0;
    }

    /** The signal that ended it, 0 if it exited. */
    public int signal() {
        return code > 128 && code < 160 ? code - 128 : 0;
    }
}

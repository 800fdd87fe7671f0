package dev.coracle.nodeagent.volume;

import java.util.Arrays;

/** A file that a volume shows; {@code mode} are its permission bits. */
record FileContent(byte[] content, int mode) {

    @Override
    public boolean equals(Object other) {
        return other instanceof FileContent(byte[] bytes, int bits)
                && bits == mode
                && Arrays.equals(bytes, content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content) * 31 + mode;
    }
}

package dev.coracle.nodeagent.server;

import io.netty.channel.Channel;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sends bytes as frames of a connection; a write waits until the connection has room again. */
final class FrameOutput extends OutputStream {

    private static final int LARGEST = 32 * 1024;

    private final Channel channel;
    private final Function<byte[], Object> frame;
    private final @Nullable Object last;
    private boolean closed;

    /**
     * An output.
     *
     * @param last the frame that says that no more will come, if there is one
     */
    FrameOutput(Channel channel, Function<byte[], Object> frame, @Nullable Object last) {
        this.channel = channel;
        this.frame = frame;
        this.last = last;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int at = 0; at < length; at += LARGEST) {
            int end = Math.min(length, at + LARGEST);
            send(frame.apply(Arrays.copyOfRange(bytes, offset + at, offset + end)));
        }
    }

    private void send(Object message) throws IOException {
        if (!channel.isActive()) {
            throw new IOException("the connection is closed");
        }
        var written = channel.writeAndFlush(message);
        if (!channel.isWritable()) {
            written.awaitUninterruptibly();
        }
    }

    @Override
    public void close() {
        if (!closed && last != null) {
            var _ = channel.writeAndFlush(last);
        }
        closed = true;
    }
}

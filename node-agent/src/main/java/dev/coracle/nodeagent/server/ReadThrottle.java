package dev.coracle.nodeagent.server;

import io.netty.channel.Channel;

/** Stops reading from a connection while one of its pipes is too full. Thread-safe. */
final class ReadThrottle {

    private final Channel channel;
    private int pauses;

    ReadThrottle(Channel channel) {
        this.channel = channel;
    }

    synchronized void pause() {
        if (pauses++ == 0) {
            channel.config().setAutoRead(false);
        }
    }

    synchronized void resume() {
        if (--pauses == 0) {
            channel.config().setAutoRead(true);
        }
    }
}

package dev.coracle.fabric.netns;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Another {@link LoopResources}' event loops, with every channel constructed inside a network
 * namespace.
 */
record NamespacedLoopResources(NetworkNamespace namespace, LoopResources loops)
        implements LoopResources {

    @Override
    public <C extends Channel> C onChannel(Class<C> channelType, EventLoopGroup group) {
        return namespace.open(() -> loops.onChannel(channelType, group));
    }

    @Override
    public <C extends Channel> Class<? extends C> onChannelClass(
            Class<C> channelType, EventLoopGroup group) {
        return loops.onChannelClass(channelType, group);
    }

    @Override
    public EventLoopGroup onClient(boolean useNative) {
        return loops.onClient(useNative);
    }

    @Override
    public EventLoopGroup onServer(boolean useNative) {
        return loops.onServer(useNative);
    }

    @Override
    public EventLoopGroup onServerSelect(boolean useNative) {
        return loops.onServerSelect(useNative);
    }

    @Override
    public boolean daemon() {
        return loops.daemon();
    }

    /** The event loops belong to whoever made them: nothing to dispose. */
    @Override
    public Mono<Void> disposeLater(Duration quietPeriod, Duration timeout) {
        return Mono.empty();
    }
}

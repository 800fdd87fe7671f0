package dev.coracle.fabric.netns;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/**
 * A network namespace in which this JVM can open sockets: the host's own, or one entered with
 * setns(2).
 *
 * <p>Thread-safe. A named namespace has one daemon platform thread, started at first use and ended
 * by {@link #close()}; the tasks given to {@link #call} run there one after another, so they must
 * be short: open a socket and leave. Sockets outlive the handle.
 */
public final class NetworkNamespace implements AutoCloseable {

    /** Leads to the namespace of who opens it. */
    public static final Path OWN = Path.of("/proc/self/ns/net");

    private static final NetworkNamespace HOST = new NetworkNamespace("host", null);

    private final String name;
    private final @Nullable Path path;
    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private @Nullable Thread thread;
    private boolean closed;

    private NetworkNamespace(String name, @Nullable Path path) {
        this.name = name;
        this.path = path;
    }

    /** The namespace this JVM runs in; calls run on the caller's thread. */
    public static NetworkNamespace host() {
        return HOST;
    }

    /** The namespace made by {@code ip netns add <name>}. */
    public static NetworkNamespace named(String name) {
        return at(name, Path.of("/run/netns", name));
    }

    /**
     * The namespace behind {@code path}, for instance {@code /proc/<pid>/ns/net}; {@code name} is
     * for messages.
     */
    public static NetworkNamespace at(String name, Path path) {
        return path.equals(OWN) ? HOST : new NetworkNamespace(name, path);
    }

    public String name() {
        return name;
    }

    public boolean isHost() {
        return path == null;
    }

    /**
     * Runs {@code task} inside the namespace and returns its result.
     *
     * @throws IOException if the namespace cannot be entered, or from the task
     */
    public <T extends @Nullable Object> T call(Callable<T> task) throws IOException {
        if (path == null) {
            return run(task);
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        submit(
                path,
                () -> {
                    try {
                        result.complete(task.call());
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                });
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException io) {
                throw new IOException(
                        "in network namespace '" + name + "': " + io.getMessage(), io);
            }
            throw e;
        }
    }

    /** Makes TCP listeners of this namespace. */
    public ChannelFactory<ServerSocketChannel> listeners() {
        return () -> open(EpollServerSocketChannel::new);
    }

    /** Makes TCP connections that start in this namespace. */
    public ChannelFactory<SocketChannel> connections() {
        return () -> open(EpollSocketChannel::new);
    }

    /** Makes UDP sockets of this namespace. */
    public ChannelFactory<DatagramChannel> datagrams() {
        return () -> open(() -> new EpollDatagramChannel());
    }

    /**
     * The same event loops as {@code loops} (which must be native epoll), with every socket opened
     * in this namespace.
     */
    public LoopResources loopResources(LoopResources loops) {
        return isHost() ? loops : new NamespacedLoopResources(this, loops);
    }

    <C extends Channel> C open(Callable<C> constructor) {
        try {
            return call(constructor);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the namespace's thread. Sockets already open stay. The host namespace ignores this. */
    @Override
    public synchronized void close() {
        if (path == null) {
            return;
        }
        closed = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    @Override
    public String toString() {
        return name;
    }

    private synchronized void submit(Path namespace, Runnable task) throws IOException {
        if (closed) {
            throw new IOException("network namespace '" + name + "' is closed here");
        }
        if (thread == null) {
            if (!Files.exists(namespace)) {
                throw new IOException(
                        "network namespace '" + name + "' does not exist (" + namespace + ")");
            }
            CompletableFuture<@Nullable Void> entered = new CompletableFuture<>();
            thread =
                    Thread.ofPlatform()
                            .daemon()
                            .name("netns-" + name)
                            .start(() -> serve(namespace, entered));
            try {
                entered.join();
            } catch (CompletionException e) {
                thread = null;
                throw new IOException(
                        "cannot enter network namespace '" + name + "': " + reason(e), e);
            }
        }
        tasks.add(task);
    }

    private void serve(Path namespace, CompletableFuture<@Nullable Void> entered) {
        try {
            Setns.enterNetwork(namespace);
            entered.complete(null);
        } catch (IOException e) {
            entered.completeExceptionally(e);
            return;
        }
        try {
            while (true) {
                tasks.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static <T extends @Nullable Object> T run(Callable<T> task) throws IOException {
        try {
            return task.call();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private static @Nullable String reason(CompletionException e) {
        Throwable cause = e.getCause();
        return cause == null ? e.getMessage() : cause.getMessage();
    }
}

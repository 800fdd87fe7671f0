package dev.coracle.cloudlb.balancer;

import dev.coracle.cloudlb.address.AddressPool;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.forwarder.Forwarder;
import dev.coracle.forwarder.ForwarderOptions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * All load balancers of the provider, by name. Requests are accepted at once and carried out, in
 * order, on one virtual thread: clouds take their time. Thread-safe.
 */
public final class LoadBalancers implements AutoCloseable {

    private final AddressPool pool;
    private final NetworkNamespace outside;
    private final NetworkNamespace inside;
    private final Duration provisioningDelay;
    private final Duration deregistrationDelay;
    private final InstantSource clock;
    private final Forwarder forwarder = Forwarder.create(ForwarderOptions.defaults());
    private final ExecutorService provisioning =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("provisioning").factory());
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<String, LoadBalancer> balancers = new TreeMap<>();

    /** Listens in {@code outside}, dials from {@code inside}. */
    public LoadBalancers(
            AddressPool pool,
            NetworkNamespace outside,
            NetworkNamespace inside,
            Duration provisioningDelay,
            Duration deregistrationDelay,
            InstantSource clock) {
        this.pool = pool;
        this.outside = outside;
        this.inside = inside;
        this.provisioningDelay = provisioningDelay;
        this.deregistrationDelay = deregistrationDelay;
        this.clock = clock;
    }

    public AddressPool pool() {
        return pool;
    }

    public synchronized List<LoadBalancer> list() {
        return List.copyOf(balancers.values());
    }

    public synchronized Optional<LoadBalancer> find(String name) {
        return Optional.ofNullable(balancers.get(name));
    }

    /** Asks for a load balancer, or for a change of the one with that name. */
    public synchronized LoadBalancer ensure(LoadBalancerSpec spec) {
        LoadBalancer balancer = balancers.get(spec.name());
        Duration delay = balancer == null ? provisioningDelay : Duration.ZERO;
        if (balancer == null) {
            balancer =
                    new LoadBalancer(
                            spec,
                            new ServedListeners(forwarder, outside, inside),
                            inside,
                            deregistrationDelay,
                            clock.instant());
            balancers.put(spec.name(), balancer);
        } else {
            balancer.ask(spec);
        }
        provisioning.execute(() -> provision(spec.name(), delay));
        return balancer;
    }

    /**
     * Closes its listeners and connections and releases its address; false if there is none of that
     * name.
     */
    public synchronized boolean delete(String name) {
        LoadBalancer balancer = balancers.remove(name);
        if (balancer == null) {
            return false;
        }
        balancer.close();
        pool.release(name);
        return true;
    }

    @Override
    public void close() {
        closed.countDown();
        provisioning.shutdownNow();
        list().forEach(LoadBalancer::close);
        forwarder.close();
    }

    private void provision(String name, Duration delay) {
        try {
            if (!delay.isZero() && closed.await(delay.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            find(name).ifPresent(this::serve);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void serve(LoadBalancer balancer) {
        LoadBalancerSpec spec = balancer.spec();
        if (balancers.get(spec.name()) != balancer) {
            return;
        }
        Optional<String> address = pool.allocate(spec.name(), spec.address());
        if (address.isPresent()) {
            balancer.serve(address.get());
        } else {
            balancer.fail(
                    spec.address().isEmpty()
                            ? "no address of " + pool.cidr() + " is left"
                            : "address " + spec.address() + " is not a free one of " + pool.cidr());
        }
    }
}

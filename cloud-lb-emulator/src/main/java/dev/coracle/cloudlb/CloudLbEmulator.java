package dev.coracle.cloudlb;

import dev.coracle.cloudlb.balancer.LoadBalancers;
import dev.coracle.cloudlb.service.ServiceController;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * The emulated cloud inside another program: a Spring context of its own for the REST API, and the
 * Service controller that is its client. The client stays the caller's.
 */
public final class CloudLbEmulator implements AutoCloseable {

    private final CloudLbProperties properties;
    private final KubernetesClient client;
    private @Nullable ReactiveWebServerApplicationContext context;
    private @Nullable ServiceController controller;

    private CloudLbEmulator(CloudLbProperties properties, KubernetesClient client) {
        this.properties = properties;
        this.client = client;
    }

    public static CloudLbEmulator create(CloudLbProperties properties, KubernetesClient client) {
        return new CloudLbEmulator(properties, client);
    }

    /** Opens the REST API, then starts the controller; may not be repeated. */
    public synchronized void start() {
        var started =
                (ReactiveWebServerApplicationContext)
                        new SpringApplicationBuilder(CloudLbWeb.class)
                                .web(WebApplicationType.REACTIVE)
                                .registerShutdownHook(false)
                                .logStartupInfo(false)
                                .initializers((GenericApplicationContext beans) ->
                                        beans.registerBean(
                                                CloudLbProperties.class, () -> properties))
                                .properties("spring.config.name=cloud-lb-emulator")
                                // as arguments: they count for more than the file; lazily: the
                                // start is waited for
                                .run(
                                        "--server.address=" + properties.bind(),
                                        "--server.port=" + properties.port(),
                                        "--spring.main.lazy-initialization=true");
        context = started;
        controller =
                new ServiceController(
                        client, provider(started, properties), InstantSource.system());
        controller.start();
    }

    public synchronized boolean isReady() {
        return controller != null && controller.isReady();
    }

    /** The root of the REST API; the real port if 0 was asked for. */
    public synchronized URI provider() {
        if (context == null) {
            throw new IllegalStateException("the emulated cloud is not started");
        }
        return provider(context, properties);
    }

    /** One line for a progress or status report. */
    public synchronized String describe() {
        if (context == null || controller == null || !controller.isReady()) {
            return "waiting for the first list of Services";
        }
        LoadBalancers balancers = context.getBean(LoadBalancers.class);
        return "pool %s, %d load balancers, API at %s"
                .formatted(balancers.pool().cidr(), balancers.list().size(), provider());
    }

    @Override
    public synchronized void close() {
        if (controller != null) {
            controller.close();
        }
        if (context != null) {
            context.close();
        }
    }

    static URI provider(ReactiveWebServerApplicationContext context, CloudLbProperties properties) {
        var server = context.getWebServer();
        if (server == null) {
            throw new IllegalStateException("the REST API is not open");
        }
        return URI.create("http://" + properties.bind() + ":" + server.getPort() + "/");
    }
}

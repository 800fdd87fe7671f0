package dev.coracle.apiserver;

import dev.coracle.apiserver.authentication.ClusterPki;
import dev.coracle.apiserver.authentication.ServerTls;
import dev.coracle.apiserver.summary.ReadyCluster;
import dev.coracle.apiserver.summary.SummaryProperties;
import dev.coracle.apiserver.watch.WatchCache;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

/**
 * The sockets: TLS with the cluster's certificates on the host, and inside the cluster's network if
 * it has one.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SummaryProperties.class)
class ServingConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(ServingConfiguration.class);

    /** The JDK's TLS in Netty's clothes. A client without a certificate may still have a token. */
    @Bean
    SslContext serverTls(ClusterPki pki) throws GeneralSecurityException, IOException {
        return new JdkSslContext(
                ServerTls.context(pki),
                false,
                null,
                IdentityCipherSuiteFilter.INSTANCE,
                new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        ApplicationProtocolNames.HTTP_2,
                        ApplicationProtocolNames.HTTP_1_1),
                ClientAuth.OPTIONAL,
                null,
                false);
    }

    /** Event loops of its own: closing another context of the same JVM must not stop them. */
    @Bean
    ReactorResourceFactory reactorResources() {
        ReactorResourceFactory resources = new ReactorResourceFactory();
        resources.setUseGlobalResources(false);
        return resources;
    }

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> secureServer(SslContext tls) {
        return factory -> factory.addServerCustomizers(server -> secured(server, tls));
    }

    /** The listener in the cluster's network, and the kubeconfig, once the port is known. */
    @Bean
    ApplicationListener<ReactiveWebServerInitializedEvent> whenServing(
            ClusterPki pki,
            ApiServerProperties properties,
            InstantSource clock,
            AtomicBoolean serving,
            @Value("${server.address:127.0.0.1}") String address) {
        return event -> {
            String host = address.equals("0.0.0.0") ? "127.0.0.1" : address;
            String url =
                    properties.publicUrl().isEmpty()
                            ? "https://" + host + ":" + event.getWebServer().getPort()
                            : properties.publicUrl();
            try {
                LOG.info(
                        "serving the Kubernetes API at {}, kubeconfig {}",
                        url,
                        pki.writeAdminKubeconfig(url, clock.instant()));
                writeIdentities(pki, properties, url, clock.instant());
                serving.set(true);
            } catch (IOException | GeneralSecurityException e) {
                throw new IllegalStateException(
                        "cannot write the kubeconfig: " + e.getMessage(), e);
            }
        };
    }

    private static void writeIdentities(
            ClusterPki pki, ApiServerProperties properties, String url, Instant now)
            throws IOException {
        ApiServerProperties.Identities wanted = properties.identities();
        Path directory =
                wanted.directory().isEmpty()
                        ? properties.dataDirectory().resolve("identities")
                        : Path.of(wanted.directory());
        String server = wanted.url().isEmpty() ? url : wanted.url();
        // making keys takes the processor's time: side by side
        try (ExecutorService threads = Executors.newWorkStealingPool()) {
            List<Future<Path>> written =
                    wanted.names().stream()
                            .map(name ->
                                    threads.submit(
                                            () -> pki.writeIdentity(directory, name, server, now)))
                            .toList();
            for (Future<Path> each : written) {
                Path _ = each.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        }
    }

    /** For a cluster of several processes, of which this one speaks. */
    @Bean(destroyMethod = "close")
    @Lazy(false)
    @ConditionalOnProperty("coracle.apiserver.summary.nodes")
    ReadyCluster readyCluster(
            WatchCache cache,
            SummaryProperties summary,
            ApiServerProperties properties,
            InstantSource clock) {
        return new ReadyCluster(cache, summary, properties.publicUrl(), clock, clock.instant());
    }

    @Bean(destroyMethod = "close")
    @Lazy(false)
    ClusterListener clusterListener(
            ApiServerProperties properties,
            SslContext tls,
            HttpHandler handler,
            @Value("${server.port:6443}") int port) {
        return new ClusterListener(properties, tls, handler, port);
    }

    /** The API server's socket inside a network namespace; none when no namespace is set. */
    static final class ClusterListener implements AutoCloseable {

        private final Runnable stop;

        ClusterListener(
                ApiServerProperties properties, SslContext tls, HttpHandler handler, int port) {
            boolean onLoopback =
                    properties.podsOnLoopback() && !properties.advertiseAddress().isEmpty();
            if (properties.advertiseNamespace().isEmpty() && !onLoopback) {
                stop = () -> {};
                return;
            }
            NetworkNamespace namespace =
                    onLoopback
                            ? NetworkNamespace.host()
                            : NetworkNamespace.named(properties.advertiseNamespace());
            LoopResources loops = LoopResources.create("cluster-api", 1, true);
            DisposableServer bound =
                    secured(HttpServer.create(), tls)
                            .runOn(namespace.loopResources(loops))
                            .host(properties.advertiseAddress())
                            .port(port)
                            .handle(new ReactorHttpHandlerAdapter(handler))
                            .bindNow();
            stop =
                    () -> {
                        bound.disposeNow();
                        loops.dispose();
                        namespace.close();
                    };
        }

        @Override
        public void close() {
            stop.run();
        }
    }

    private static HttpServer secured(HttpServer server, SslContext tls) {
        return server.secure(spec -> spec.sslContext(tls))
                .protocol(HttpProtocol.H2, HttpProtocol.HTTP11);
    }
}

package dev.coracle.apiserver;

import com.nimbusds.jose.JOSEException;
import dev.coracle.apiserver.admission.quota.QuotaAccounts;
import dev.coracle.apiserver.authentication.AuthenticationFilter;
import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.authentication.ClusterPki;
import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authorization.AccessControl;
import dev.coracle.apiserver.authorization.AuthorizationFilter;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.bootstrap.ClusterBootstrap;
import dev.coracle.apiserver.bootstrap.ClusterBootstrap.ApiServerAddress;
import dev.coracle.apiserver.dashboard.DashboardRouter;
import dev.coracle.apiserver.discovery.DiscoveryDocuments;
import dev.coracle.apiserver.endpoint.ApiRouter;
import dev.coracle.apiserver.endpoint.DocumentRouter;
import dev.coracle.apiserver.endpoint.HealthRouter;
import dev.coracle.apiserver.endpoint.SnapshotRouter;
import dev.coracle.apiserver.endpoint.UnhandledErrors;
import dev.coracle.apiserver.kubelet.KubeletRouter;
import dev.coracle.apiserver.kubelet.KubeletTls;
import dev.coracle.apiserver.kubelet.ResourceMetricsRouter;
import dev.coracle.apiserver.kubelet.ServingSigner;
import dev.coracle.apiserver.metrics.ApiMetrics;
import dev.coracle.apiserver.metrics.MetricsFilter;
import dev.coracle.apiserver.openapi.OpenApiDocuments;
import dev.coracle.apiserver.openapi.SwaggerPages;
import dev.coracle.apiserver.proxy.ProxyRouter;
import dev.coracle.apiserver.proxy.StreamTunnel;
import dev.coracle.apiserver.registry.BuiltInResources;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.StoredAllocations;
import dev.coracle.apiserver.registry.apiextensions.CustomResourceDefinitionStrategy;
import dev.coracle.apiserver.registry.apiextensions.CustomResources;
import dev.coracle.apiserver.registry.core.event.EventExpiry;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.serviceaddress.ServiceAddressObjects;
import dev.coracle.apiserver.storage.AgedCompaction;
import dev.coracle.apiserver.storage.LogAddress;
import dev.coracle.apiserver.storage.LogStore;
import dev.coracle.apiserver.storage.R2dbcLog;
import dev.coracle.apiserver.storage.Store;
import dev.coracle.apiserver.watch.WatchCache;
import dev.coracle.fabric.netns.NetworkNamespace;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** The parts of the API server, from the disk up to the socket. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ApiServerProperties.class)
public class ApiServerConfiguration {

    private static final Duration COMPACTION = Duration.ofMinutes(5);
    private static final Duration REPAIR = Duration.ofMinutes(3);

    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }

    @Bean
    ClusterPki pki(
            ApiServerProperties properties,
            InstantSource clock,
            @Value("${server.address:0.0.0.0}") String address)
            throws IOException, GeneralSecurityException {
        List<String> names = new ArrayList<>(properties.serverNames());
        if (!address.equals("0.0.0.0")) {
            names.add(address);
        }
        if (!properties.advertiseAddress().isEmpty()) {
            names.add(properties.advertiseAddress());
        }
        names.add(firstAddress(properties.serviceCidr()));
        return ClusterPki.open(properties.dataDirectory(), names, clock.instant());
    }

    @Bean
    SchemaCatalog schemaCatalog() {
        return SchemaCatalog.load();
    }

    @Bean
    ClusterIpAllocator clusterIps(ApiServerProperties properties) {
        return new ClusterIpAllocator(properties.serviceCidr(), new SecureRandom());
    }

    @Bean
    ServiceStrategy services(ClusterIpAllocator clusterIps) {
        return new ServiceStrategy(clusterIps, new NodePortAllocator(new SecureRandom()));
    }

    @Bean
    ResourceRegistry resourceRegistry(
            ServiceStrategy services, ApiServerProperties properties, InstantSource clock) {
        List<ResourceStrategy> strategies =
                new ArrayList<>(BuiltInResources.all(services, properties.podsOnLoopback()));
        strategies.add(new CustomResourceDefinitionStrategy(clock));
        return new ResourceRegistry(strategies);
    }

    @Bean
    WatchCache watchCache(ResourceRegistry resources) {
        return new WatchCache((key, object) ->
                resources
                        .findStored(key)
                        .map(strategy -> strategy.allFields(object))
                        // a custom resource whose definition is not read yet, or is gone
                        .orElseGet(() ->
                                Map.of(
                                        "metadata.name",
                                        object.name(),
                                        "metadata.namespace",
                                        object.namespace())));
    }

    /** History is kept for five to ten minutes, as etcd is compacted under kube-apiserver. */
    @Bean(initMethod = "start", destroyMethod = "close")
    @Lazy(false)
    AgedCompaction compaction(WatchCache cache, Store store) {
        return new AgedCompaction(store, cache::revision, COMPACTION, Schedulers.parallel());
    }

    /** Open and replayed: whoever gets it may write. */
    @Bean(destroyMethod = "close")
    Store store(ApiServerProperties properties, WatchCache cache, ResourceRegistry resources)
            throws IOException {
        StoredAllocations allocations = new StoredAllocations(cache, resources);
        Store store =
                new LogStore(
                        new R2dbcLog(
                                LogAddress.of(properties.database(), properties.dataDirectory())),
                        properties.maxHistory());
        try {
            store.start(allocations);
            allocations.restore();
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
        return store;
    }

    @Bean
    Registry registry(Store store, WatchCache cache, SchemaCatalog catalog, InstantSource clock) {
        return new Registry(store, cache, catalog, clock);
    }

    /** Serves the stored CRDs' resources before the first request. */
    @Bean(initMethod = "start", destroyMethod = "close")
    CustomResources customResources(
            WatchCache cache,
            Registry registry,
            ResourceRegistry resources,
            SchemaCatalog catalog,
            InstantSource clock) {
        return new CustomResources(cache, registry, resources, catalog, clock);
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    EventExpiry eventExpiry(
            WatchCache cache,
            Registry registry,
            ApiServerProperties properties,
            InstantSource clock) {
        return new EventExpiry(cache, registry, properties.eventTtl(), clock);
    }

    @Bean
    ClusterBootstrap bootstrap(
            ResourceRegistry resources,
            Registry registry,
            WatchCache cache,
            ApiServerProperties properties,
            @Value("${server.port:6443}") int port) {
        ClusterBootstrap bootstrap = new ClusterBootstrap(resources, registry, cache);
        bootstrap.run(
                new ApiServerAddress(
                        firstAddress(properties.serviceCidr()),
                        properties.serviceCidr(),
                        properties.advertiseAddress(),
                        port));
        return bootstrap;
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    @Lazy(false)
    ServiceAddressObjects serviceAddresses(
            WatchCache cache,
            Registry registry,
            ResourceRegistry resources,
            ServiceStrategy services,
            ClusterIpAllocator clusterIps,
            InstantSource clock,
            ClusterBootstrap bootstrapped) {
        return new ServiceAddressObjects(cache, registry, resources, services, clusterIps, clock);
    }

    /** As often as upstream's. */
    @Bean(destroyMethod = "dispose")
    @Lazy(false)
    Disposable repair(ServiceAddressObjects addresses) {
        return Flux.interval(REPAIR).subscribe(_ -> addresses.repair());
    }

    @Bean
    AccessControl accessControl(ClusterPki pki, WatchCache cache, InstantSource clock)
            throws IOException, GeneralSecurityException, JOSEException {
        ServiceAccountTokens tokens =
                new ServiceAccountTokens(pki.serviceAccountKeys(), cache, clock);
        return new AccessControl(
                new Authenticator(pki.adminToken(), tokens), tokens, new Authorizer(cache));
    }

    @Bean
    @Order(1)
    AuthenticationFilter authenticationFilter(AccessControl access) {
        return new AuthenticationFilter(access.authenticator());
    }

    @Bean
    @Order(2)
    AuthorizationFilter authorizationFilter(AccessControl access) {
        return new AuthorizationFilter(access.authorizer());
    }

    @Bean
    OpenApiDocuments openApiDocuments(ResourceRegistry resources, SchemaCatalog catalog) {
        return new OpenApiDocuments(resources, catalog);
    }

    @Bean
    SwaggerPages swaggerPages(OpenApiDocuments openApi) {
        return new SwaggerPages(openApi);
    }

    /** True once the sockets are open and the kubeconfig is written. */
    @Bean
    AtomicBoolean serving() {
        return new AtomicBoolean();
    }

    @Bean
    RouterFunction<ServerResponse> documents(
            ResourceRegistry resources, OpenApiDocuments openApi, AccessControl access) {
        return new DocumentRouter(
                        resources, new DiscoveryDocuments(resources), openApi, access.tokens())
                .routes();
    }

    @Bean
    RouterFunction<ServerResponse> dashboard() {
        return new DashboardRouter().routes();
    }

    @Bean
    RouterFunction<ServerResponse> health(Store store, AtomicBoolean serving) {
        return new HealthRouter(
                        Map.of("ping", () -> true, "storage", store::isOpen),
                        Map.of("serving", serving::get))
                .routes();
    }

    @Bean
    RouterFunction<ServerResponse> snapshot(WatchCache cache, Store replayed) {
        return new SnapshotRouter(cache).routes();
    }

    @Bean
    ApiMetrics metrics(WatchCache cache) {
        return new ApiMetrics(cache::counts);
    }

    @Bean
    @Order(0)
    MetricsFilter metricsFilter(ApiMetrics metrics) {
        return new MetricsFilter(metrics);
    }

    @Bean
    RouterFunction<ServerResponse> metricsPage(ApiMetrics metrics) {
        return RouterFunctions.route()
                .GET(
                        "/metrics",
                        _ ->
                                ServerResponse.ok()
                                        .header(
                                                "Content-Type",
                                                "text/plain; version=0.0.4; charset=utf-8")
                                        .bodyValue(metrics.text()))
                .build();
    }

    @Bean(destroyMethod = "close")
    ProxyRouter proxyRouter(
            WatchCache cache,
            NetworkNamespace clusterNetwork,
            KubeletTls kubeletTls,
            StreamTunnel tunnel,
            ApiServerProperties properties) {
        return new ProxyRouter(
                cache,
                clusterNetwork,
                kubeletTls.context(),
                tunnel,
                new SecureRandom(),
                properties.podsOnLoopback());
    }

    @Bean
    KubeletTls kubeletTls(ClusterPki pki, InstantSource clock)
            throws IOException, GeneralSecurityException {
        return KubeletTls.of(pki, clock.instant());
    }

    /** Before the verbs, whose paths include these. */
    @Bean
    @Order(0)
    RouterFunction<ServerResponse> proxies(ProxyRouter proxy, ClusterBootstrap bootstrapped) {
        return proxy.routes();
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    @Lazy(false)
    ServingSigner servingSigner(
            WatchCache cache,
            Registry registry,
            ResourceRegistry resources,
            ClusterPki pki,
            InstantSource clock) {
        return new ServingSigner(cache, registry, resources, pki.authority(), clock);
    }

    /** The network in which nodes, pods and Services have their addresses. */
    @Bean(destroyMethod = "close")
    NetworkNamespace clusterNetwork(ApiServerProperties properties) {
        String namespace = properties.advertiseNamespace();
        return namespace.isEmpty() ? NetworkNamespace.host() : NetworkNamespace.named(namespace);
    }

    @Bean(destroyMethod = "close")
    StreamTunnel streamTunnel(NetworkNamespace clusterNetwork) {
        return new StreamTunnel(clusterNetwork);
    }

    @Bean(destroyMethod = "close")
    KubeletRouter kubeletRouter(
            WatchCache cache,
            KubeletTls kubeletTls,
            NetworkNamespace clusterNetwork,
            StreamTunnel tunnel) {
        return new KubeletRouter(cache, kubeletTls.context(), clusterNetwork, tunnel);
    }

    /** Before the verbs, whose paths include these. */
    @Bean
    @Order(0)
    RouterFunction<ServerResponse> kubelets(KubeletRouter kubelet, ClusterBootstrap bootstrapped) {
        return kubelet.routes();
    }

    /** What nodes and pods use; before the verbs. */
    @Bean
    @Order(0)
    RouterFunction<ServerResponse> resourceMetrics(WatchCache cache, KubeletRouter kubelet) {
        return new ResourceMetricsRouter(cache, kubelet).routes();
    }

    /** Before Boot's own, which answers in another form. */
    @Bean
    @Order(-2)
    UnhandledErrors unhandledErrors() {
        return new UnhandledErrors();
    }

    @Bean
    RouterFunction<ServerResponse> api(
            ResourceRegistry resources,
            Registry registry,
            WatchCache cache,
            QuotaAccounts quotas,
            SchemaCatalog catalog,
            AccessControl access,
            ApiMetrics metrics,
            InstantSource clock,
            ClusterBootstrap bootstrapped,
            CustomResources followed) {
        return new ApiRouter(resources, registry, cache, quotas, catalog, access, metrics, clock)
                .routes();
    }

    /** The address of the Service {@code kubernetes}: the first of the range. */
    private static String firstAddress(String cidr) {
        String network = cidr.substring(0, cidr.indexOf('/'));
        int dot = network.lastIndexOf('.');
        return network.substring(0, dot + 1) + (Integer.parseInt(network.substring(dot + 1)) + 1);
    }
}

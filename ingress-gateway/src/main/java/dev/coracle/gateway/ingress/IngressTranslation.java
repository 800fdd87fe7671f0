package dev.coracle.gateway.ingress;

import dev.coracle.gateway.route.Backend;
import dev.coracle.gateway.route.HostMatcher;
import dev.coracle.gateway.route.PathMatcher;
import dev.coracle.gateway.route.Route;
import dev.coracle.gateway.route.RouteTable;
import dev.coracle.gateway.tls.TlsTable;
import io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBackend;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressRule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Ingresses of our class, with the endpoints behind them, to a {@link RouteTable} and a {@link
 * TlsTable}.
 */
final class IngressTranslation {

    static final String CONTROLLER = "coracle.dev/ingress-gateway";
    private static final String DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class";
    private static final String CLASS_ANNOTATION = "kubernetes.io/ingress.class";

    /** The tables, the Ingresses they are of, and what those ask for in vain. */
    record Translated(
            RouteTable routes, TlsTable tls, List<Ingress> served, List<Refusal> refusals) {}

    private final BackendEndpoints endpoints;
    private final List<Route> routes = new ArrayList<>();
    private final List<Route> defaults = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();

    private IngressTranslation(BackendEndpoints endpoints) {
        this.endpoints = endpoints;
    }

    static Translated translate(
            Collection<Ingress> ingresses,
            Collection<IngressClass> classes,
            BackendEndpoints endpoints,
            TlsSecrets secrets) {
        IngressTranslation translation = new IngressTranslation(endpoints);
        Set<String> ours =
                classes.stream()
                        .filter(IngressTranslation::isOurs)
                        .map(c -> c.getMetadata().getName())
                        .collect(Collectors.toSet());
        boolean isDefault =
                classes.stream()
                        .filter(IngressTranslation::isOurs)
                        .anyMatch(c ->
                                hasAnnotation(c.getMetadata().getAnnotations(), DEFAULT_CLASS));
        List<Ingress> served =
                ingresses.stream()
                        .filter(ingress -> isServed(ingress, ours, isDefault))
                        .sorted(
                                Comparator.comparing((Ingress i) ->
                                                i.getMetadata().getCreationTimestamp())
                                        .thenComparing(IngressTranslation::key))
                        .toList();
        served.forEach(translation::add);
        TlsTranslation.Translated tls = TlsTranslation.translate(served, secrets);
        translation.refusals.addAll(tls.refusals());
        return new Translated(
                new RouteTable(translation.routes, translation.defaults),
                tls.table(),
                served,
                List.copyOf(translation.refusals));
    }

    static String key(Ingress ingress) {
        return ingress.getMetadata().getNamespace() + "/" + ingress.getMetadata().getName();
    }

    private static boolean isOurs(IngressClass ingressClass) {
        return ingressClass.getSpec() != null
                && CONTROLLER.equals(ingressClass.getSpec().getController());
    }

    private static boolean hasAnnotation(Map<String, String> annotations, String key) {
        return annotations != null && "true".equals(annotations.get(key));
    }

    private static boolean isServed(Ingress ingress, Set<String> ours, boolean isDefault) {
        if (ingress.getMetadata().getDeletionTimestamp() != null || ingress.getSpec() == null) {
            return false;
        }
        String name = ingress.getSpec().getIngressClassName();
        Map<String, String> annotations = ingress.getMetadata().getAnnotations();
        if (name == null && annotations != null) {
            name = annotations.get(CLASS_ANNOTATION);
        }
        return name == null ? isDefault : ours.contains(name);
    }

    private void add(Ingress ingress) {
        List<IngressRule> rules =
                ingress.getSpec().getRules() == null ? List.of() : ingress.getSpec().getRules();
        for (IngressRule rule : rules) {
            HostMatcher host = HostMatcher.of(rule.getHost() == null ? "" : rule.getHost());
            if (rule.getHttp() != null && rule.getHttp().getPaths() != null) {
                rule.getHttp().getPaths().forEach(path -> add(ingress, host, path));
            }
        }
        IngressBackend fallback = ingress.getSpec().getDefaultBackend();
        if (fallback != null) {
            findBackend(ingress, fallback)
                    .ifPresent(b ->
                            defaults.add(
                                    new Route(
                                            new HostMatcher.Any(),
                                            PathMatcher.prefix("/"),
                                            b,
                                            key(ingress))));
        }
    }

    /** ImplementationSpecific is served as Prefix. */
    private void add(Ingress ingress, HostMatcher host, HTTPIngressPath path) {
        String text = path.getPath() == null || path.getPath().isEmpty() ? "/" : path.getPath();
        PathMatcher matcher =
                "Exact".equals(path.getPathType())
                        ? new PathMatcher.Exact(text)
                        : PathMatcher.prefix(text);
        findBackend(ingress, path.getBackend())
                .ifPresent(b -> routes.add(new Route(host, matcher, b, key(ingress))));
    }

    private Optional<Backend> findBackend(Ingress ingress, IngressBackend backend) {
        var service = backend.getService();
        if (service == null) {
            refusals.add(
                    new Refusal(
                            ingress,
                            "ResourceBackendNotSupported",
                            "a resource backend is not supported, only a service"));
            return Optional.empty();
        }
        var port = service.getPort();
        String text =
                port == null
                        ? ""
                        : port.getName() != null && !port.getName().isEmpty()
                                ? port.getName()
                                : String.valueOf(port.getNumber());
        String namespace = ingress.getMetadata().getNamespace();
        return Optional.of(
                new Backend(
                        namespace,
                        service.getName(),
                        text,
                        endpoints.find(namespace, service.getName(), text)));
    }
}

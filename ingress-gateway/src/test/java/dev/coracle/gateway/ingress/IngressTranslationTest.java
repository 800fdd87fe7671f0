package dev.coracle.gateway.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.gateway.route.Backend;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

class IngressTranslationTest {

    private static final IngressClass OURS =
            ingressClass("coracle", IngressTranslation.CONTROLLER, true);
    private static final IngressClass FOREIGN =
            ingressClass("nginx", "k8s.io/ingress-nginx", false);

    @Test
    void servesIngressesOfItsClassAndThoseWithoutWhenItIsTheDefault() {
        var translated =
                translate(
                        ingress("ours", "coracle", "http"),
                        ingress("none", null, "http"),
                        ingress("foreign", "nginx", "http"));
        assertThat(translated.served())
                .extracting(i -> i.getMetadata().getName())
                .containsExactly("none", "ours");
    }

    @Test
    void findsThePortByNumberOrByName() {
        var translated =
                translate(
                        ingress("by-number", "coracle", 80), ingress("by-name", "coracle", "http"));
        assertThat(translated.table().routes())
                .extracting(route -> route.backend().endpoints())
                .containsOnly(List.of(new Backend.Endpoint("10.244.0.1", 3000)));
    }

    @Test
    void keepsTheRouteOfAnUnknownServiceWithoutEndpoints() {
        Ingress lost =
                new IngressBuilder(ingress("lost", "coracle", 80))
                        .editSpec()
                        .editFirstRule()
                        .editHttp()
                        .editFirstPath()
                        .editBackend()
                        .editService()
                        .withName("gone")
                        .endService()
                        .endBackend()
                        .endPath()
                        .endHttp()
                        .endRule()
                        .endSpec()
                        .build();
        assertThat(
                        translate(lost)
                                .table()
                                .find("app.mydomain.com", "/")
                                .orElseThrow()
                                .backend()
                                .endpoints())
                .isEmpty();
    }

    @Test
    void sendsToTerminatingEndpointsOnlyWhenNoneIsReady() {
        EndpointSlice terminating =
                new EndpointSliceBuilder(slice())
                        .editFirstEndpoint()
                        .editConditions()
                        .withReady(false)
                        .withServing(true)
                        .withTerminating(true)
                        .endConditions()
                        .endEndpoint()
                        .build();
        assertThat(endpoints(List.of(terminating)).find("shop", "web", "80"))
                .containsExactly(new Backend.Endpoint("10.244.0.1", 3000));
        EndpointSlice other =
                new EndpointSliceBuilder(slice())
                        .editFirstEndpoint()
                        .withAddresses("10.244.0.9")
                        .endEndpoint()
                        .build();
        assertThat(endpoints(List.of(terminating, other)).find("shop", "web", "80"))
                .containsExactly(new Backend.Endpoint("10.244.0.9", 3000));
    }

    @Test
    void refusesTlsByNameAndServesTheRest() {
        Ingress secure =
                new IngressBuilder(ingress("secure", "coracle", 80))
                        .editSpec()
                        .addNewTl()
                        .withSecretName("cert")
                        .endTl()
                        .endSpec()
                        .build();
        var translated = translate(secure);
        assertThat(translated.refusals())
                .extracting(Refusal::reason)
                .containsExactly("TLSNotSupported");
        assertThat(translated.table().routes()).hasSize(1);
    }

    private static IngressTranslation.Translated translate(Ingress... ingresses) {
        return IngressTranslation.translate(
                List.of(ingresses), List.of(OURS, FOREIGN), endpoints(List.of(slice())));
    }

    private static Ingress ingress(
            String name, @org.jspecify.annotations.Nullable String ingressClass, Object port) {
        var backend = new io.fabric8.kubernetes.api.model.networking.v1.ServiceBackendPort();
        if (port instanceof Integer number) {
            backend.setNumber(number);
        } else {
            backend.setName(String.valueOf(port));
        }
        return new IngressBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName(name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .withNewSpec()
                .withIngressClassName(ingressClass)
                .addNewRule()
                .withHost("app.mydomain.com")
                .withNewHttp()
                .addNewPath()
                .withPath("/")
                .withPathType("Prefix")
                .withNewBackend()
                .withNewService()
                .withName("web")
                .withPort(backend)
                .endService()
                .endBackend()
                .endPath()
                .endHttp()
                .endRule()
                .endSpec()
                .build();
    }

    private static IngressClass ingressClass(String name, String controller, boolean isDefault) {
        return new IngressClassBuilder()
                .withNewMetadata()
                .withName(name)
                .addToAnnotations(
                        "ingressclass.kubernetes.io/is-default-class", Boolean.toString(isDefault))
                .endMetadata()
                .withNewSpec()
                .withController(controller)
                .endSpec()
                .build();
    }

    private static Service service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("web")
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withName("http")
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    private static EndpointSlice slice() {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("web-1")
                .addToLabels("kubernetes.io/service-name", "web")
                .endMetadata()
                .addNewPort()
                .withName("http")
                .withPort(3000)
                .endPort()
                .addNewEndpoint()
                .withAddresses("10.244.0.1")
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .endEndpoint()
                .build();
    }

    private static BackendEndpoints endpoints(List<EndpointSlice> slices) {
        return new BackendEndpoints(
                key -> key.equals(BackendEndpoints.key(service())) ? service() : null,
                key -> slices.stream().filter(s -> key.equals(BackendEndpoints.key(s))).toList(),
                _ -> {});
    }
}

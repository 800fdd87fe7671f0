package dev.coracle.gateway.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.gateway.route.Backend;
import dev.coracle.testkit.OpensslCertificate;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngressTranslationTest {

    private static final IngressClass OURS =
            ingressClass("coracle", IngressTranslation.CONTROLLER, true);
    private static final IngressClass FOREIGN =
            ingressClass("nginx", "k8s.io/ingress-nginx", false);

    @TempDir private Path folder;

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
        assertThat(translated.routes().routes())
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
                                .routes()
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
    void servesCertificatesForTheHostsOfTlsOrTheNamesInThem() {
        var translated =
                translate(
                        secure("named", "cert", "app.mydomain.com"),
                        secure("unnamed", "cert"),
                        secure("without", null, "web.mydomain.com"));
        assertThat(translated.refusals()).isEmpty();
        assertThat(translated.tls().hosts())
                .extracting(host -> host.host() + " " + host.secret() + " " + host.origin())
                .containsExactly(
                        "app.mydomain.com shop/cert shop/named",
                        "in.mydomain.com shop/cert shop/unnamed");
        assertThat(translated.routes().routes()).hasSize(3);
    }

    @Test
    void saysWhichSecretCannotBeUsedAndServesTheRest() {
        var translated =
                translate(
                        secure("first", "gone", "app.mydomain.com"),
                        secure("second", "broken", "app.mydomain.com"));
        assertThat(translated.tls().hosts()).isEmpty();
        assertThat(translated.routes().routes()).hasSize(2);
        assertThat(translated.refusals())
                .extracting(refusal -> refusal.reason() + ": " + refusal.message())
                .containsExactly(
                        "TLSSecretNotFound: spec.tls[0].secretName: \"gone\": namespace shop has no"
                                + " such Secret; until then its hosts get the gateway's own"
                                + " certificate",
                        "TLSSecretInvalid: spec.tls[0].secretName: \"broken\": tls.crt holds no"
                                + " certificate in PEM, got 0 bytes; until then its hosts get the"
                                + " gateway's own certificate");
    }

    private static Ingress secure(
            String name, @org.jspecify.annotations.Nullable String secret, String... hosts) {
        return new IngressBuilder(ingress(name, "coracle", 80))
                .editSpec()
                .addNewTl()
                .withHosts(hosts)
                .withSecretName(secret)
                .endTl()
                .endSpec()
                .build();
    }

    private TlsSecrets secrets() {
        return new TlsSecrets(
                key ->
                        switch (key) {
                            case "shop/cert" -> secret(certificate());
                            case "shop/broken" -> secret(Map.of());
                            default -> null;
                        },
                _ -> {});
    }

    private Map<String, String> certificate() {
        OpensslCertificate made = OpensslCertificate.create(folder, "in.mydomain.com");
        return Map.of("tls.crt", base64(made.certificate()), "tls.key", base64(made.key()));
    }

    private static String base64(Path file) {
        try {
            return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Secret secret(Map<String, String> content) {
        return new SecretBuilder()
                .withNewMetadata()
                .withUid("1")
                .withResourceVersion("1")
                .endMetadata()
                .withData(content)
                .build();
    }

    private IngressTranslation.Translated translate(Ingress... ingresses) {
        return IngressTranslation.translate(
                List.of(ingresses), List.of(OURS, FOREIGN), endpoints(List.of(slice())), secrets());
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

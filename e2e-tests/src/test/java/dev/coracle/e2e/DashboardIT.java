package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The dashboard in a browser, on an API server with played nodes. */
class DashboardIT {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String HOSTILE = "<img src=x onerror=\"window.hacked=true\">";

    private static Browser browser;
    private static PlayedNamespace shop;
    private static String url;

    @BeforeAll
    static void open() throws IOException {
        url = "https://127.0.0.1:" + PlayedCluster.shared().server().port() + "/dashboard/";
        shop = new PlayedNamespace("dashboard");
        apply(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: gateway}
                spec:
                  type: LoadBalancer
                  ports: [{port: 80, targetPort: 8080}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: gateway-1, labels: {kubernetes.io/service-name: gateway}}
                addressType: IPv4
                ports: [{port: 8080, name: ''}]
                endpoints: [{addresses: [10.89.0.4]}]
                ---
                apiVersion: v1
                kind: Service
                metadata:
                  name: web
                  annotations: {kubernetes.io/description: 'Sells things. %1$s'}
                spec:
                  ports: [{port: 80, targetPort: 3000}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{port: 3000, name: ''}]
                endpoints:
                - {addresses: [10.244.1.3], nodeName: played-1, conditions: {ready: true}}
                - {addresses: [10.244.2.3], nodeName: played-2, conditions: {ready: false}}
                ---
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: web}
                spec:
                  rules:
                  - host: shop.example
                    http:
                      paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
                ---
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: worker}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: worker}}
                  template:
                    metadata: {labels: {app: worker}}
                    spec: {containers: [{name: main, image: coracle/echo}]}
                ---
                apiVersion: v1
                kind: Event
                metadata: {name: hostile}
                involvedObject: {kind: Service, name: web, namespace: %2$s}
                reason: Hostile
                message: 'Look: %1$s'
                type: Warning
                lastTimestamp: "2026-01-01T00:00:00Z"
                """
                        .formatted(HOSTILE, shop.name()));
        for (String path :
                new String[] {
                    shop.path("v1", "services/gateway/status"),
                    shop.path("networking.k8s.io/v1", "ingresses/web/status")
                }) {
            shop.send(
                    "PATCH",
                    path,
                    PlayedNamespace.MERGE,
                    "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"10.88.9.9\"}]}}}");
        }
        browser = Browser.start();
        browser.open(url);
        await(() -> assertThat(browser.text("#login")).isNotEmpty());
    }

    @AfterAll
    static void close() {
        browser.close();
    }

    /** On the first screen, as in a new tab. */
    @BeforeEach
    void forget() {
        browser.evaluate("sessionStorage.clear()");
        browser.open(url);
        await(() -> assertThat(browser.text("#login")).contains("Token"));
    }

    @Test
    void saysWhatToTypeToWhoHasNoToken() {
        assertThat(browser.text("#login"))
                .contains(
                        "kubectl create serviceaccount viewer",
                        "kubectl create clusterrolebinding viewer --clusterrole=view",
                        "kubectl create token viewer");
        assertThat(browser.text("#app")).isEmpty();
        assertThat(browser.text("#problem")).isEmpty();
    }

    @Test
    void saysInTheApisWordsThatATokenIsWrong() {
        paste("not.a.token");

        await(() ->
                assertThat(browser.text("#problem"))
                        .contains("The API server says: Unauthorized (401)."));
        assertThat(browser.text("#app")).isEmpty();
        assertThat(browser.evaluate("sessionStorage.length").asInt(-1)).isZero();
    }

    @Test
    void showsWhatIsInTheClusterAndFollowsIt() throws IOException {
        paste(newToken("viewer", true));
        await(() ->
                assertThat(browser.text("#views"))
                        .contains("played-1", "played-2", "played-3", "Ready", "127.77.0.11"));
        assertThat(browser.text("#user"))
                .isEqualTo("system:serviceaccount:" + shop.name() + ":viewer");
        lookAt(shop.name());
        await(() -> assertThat(browser.text("#views")).contains("worker-", "Running"));

        browser.evaluate("window.sameDocument = true");
        apply(
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: later, annotations: {played/ready: 'false'}}
                spec: {containers: [{name: main, image: coracle/echo}]}
                """);
        await(() -> assertThat(pod("later")).contains("not ready"));
        shop.annotate("later", PlayedCluster.READY, "");
        await(() -> assertThat(pod("later")).contains("Running"));
        shop.kubectl("delete", "pod", "later");
        await(() -> assertThat(pod("later")).isEmpty());
        assertThat(browser.evaluate("window.sameDocument").asBoolean(false)).isTrue();

        show("deployments");
        await(() -> assertThat(browser.text("#views")).contains("worker", "2/2", "complete"));
        await(() -> assertThat(browser.text("#connection")).isEqualTo("Live"));
        assertThat(browser.problems()).isEmpty();
    }

    @Test
    void showsServicesWithTheirEndpointsAndTheWayOfARequest() {
        paste(newToken("walker", true));
        await(() -> assertThat(browser.text("#app")).isNotEmpty());
        lookAt(shop.name());
        show("services");
        await(() ->
                assertThat(browser.text("#views"))
                        .contains(
                                "web",
                                "80 → 3000",
                                "10.244.1.3:3000 ready",
                                "10.244.2.3:3000 not ready",
                                "LoadBalancer",
                                "10.88.9.9"));
        show("ingresses");
        await(() -> assertThat(browser.text("#views")).contains("shop.example/", "web:80"));

        browser.evaluate("document.querySelector('#views section:not([hidden]) td a').click()");

        String nodePort =
                shop.kubectl("get", "service/gateway", "-o", "jsonpath={.spec.ports[0].nodePort}")
                        .strip();
        String address =
                shop.kubectl("get", "service/web", "-o", "jsonpath={.spec.clusterIP}").strip();
        await(() ->
                assertThat(browser.text(".hops").replaceAll("\\s+", " "))
                        .containsSubsequence(
                                "Host shop.example, path /",
                                "LoadBalancer 10.88.9.9:80",
                                "played-1 127.77.0.11:" + nodePort,
                                "played-3 127.77.0.13:" + nodePort,
                                "gateway 10.89.0.4:8080",
                                shop.name() + "/web " + address + ":80 → 3000",
                                "10.244.1.3:3000 on played-1 ready",
                                "10.244.2.3:3000 on played-2 not ready: gets nothing new"));
    }

    @Test
    void takesHostileTextsForTexts() {
        paste(newToken("victim", true));
        await(() -> assertThat(browser.text("#app")).isNotEmpty());
        lookAt(shop.name());
        show("services");
        await(() -> assertThat(browser.text("#views")).contains("Sells things. " + HOSTILE));
        show("events");
        await(() -> assertThat(browser.text("#views")).contains("Look: " + HOSTILE));

        assertThat(browser.evaluate("document.querySelectorAll('#views img').length").asInt(-1))
                .isZero();
        assertThat(browser.evaluate("typeof window.hacked").asString("")).isEqualTo("undefined");
        assertThat(browser.problems()).isEmpty();
    }

    @Test
    void saysInItsPlaceWhatTheUserMayNotSeeAndShowsTheRest() {
        paste(newToken("guest", false));

        await(() ->
                assertThat(browser.text("#views"))
                        .contains(
                                "Nodes cannot be shown: nodes is forbidden: User"
                                        + " \"system:serviceaccount:"
                                        + shop.name()
                                        + ":guest\" cannot list resource \"nodes\""));
        assertThat(browser.text("#views")).contains("Pods cannot be shown: pods is forbidden");
        await(() -> assertThat(browser.text("#other")).contains("Namespaces cannot be listed"));
        browser.evaluate("document.getElementById('other-name').focus()");
        browser.type(shop.name());
        browser.enter();
        await(() ->
                assertThat(browser.text("#views"))
                        .contains("worker-", "Running", "Nodes cannot be shown")
                        .doesNotContain("Pods cannot be shown"));
    }

    @Test
    void forgetsTheTokenOfWhoLogsOut() {
        paste(newToken("leaver", true));
        await(() -> assertThat(browser.text("#views")).contains("played-1"));

        browser.evaluate("document.getElementById('leave').click()");

        await(() -> assertThat(browser.text("#login")).contains("Token"));
        assertThat(browser.evaluate("sessionStorage.length").asInt(-1)).isZero();
        assertThat(browser.evaluate("document.body.textContent").asString(""))
                .doesNotContain("played-1");
    }

    /** Whoever the browser's certificate names: here kubectl presents it. */
    @Test
    void needsNoTokenWhenThereIsACertificate() throws IOException {
        Path log = Cluster.newDirectory().resolve("proxy.log");
        Process proxy =
                new ProcessBuilder(
                                Kubectl.program().toString(),
                                "--kubeconfig",
                                PlayedCluster.shared().server().kubeconfig().toString(),
                                "proxy",
                                "--port=0")
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            await(() -> assertThat(Files.readString(log)).contains("Starting to serve on "));
            String address = Files.readString(log).strip().replaceFirst(".*serve on ", "");
            browser.open("http://" + address + "/dashboard/");
            await(() -> assertThat(browser.text("#app")).contains("kubernetes-admin", "played-1"));
            assertThat(browser.text("#protocol")).contains("HTTP/1.1");
        } finally {
            proxy.destroy();
        }
    }

    private static void await(ThrowingRunnable condition) {
        Await.until(PATIENCE, condition);
    }

    private static void apply(String yaml) throws IOException {
        Path file = Cluster.newDirectory().resolve("manifest.yaml");
        Files.writeString(file, yaml);
        shop.kubectl("apply", "-f", file.toString());
    }

    /** As the first screen says; who may not see everything sees one namespace. */
    private static String newToken(String name, boolean everywhere) {
        String unique = name + "-" + shop.name();
        String account = "--serviceaccount=" + shop.name() + ":" + name;
        shop.kubectl("create", "serviceaccount", name);
        if (everywhere) {
            shop.kubectl("create", "clusterrolebinding", unique, "--clusterrole=view", account);
            shop.kubectl(
                    "create", "clusterrole", unique, "--verb=get,list,watch", "--resource=nodes");
            shop.kubectl(
                    "create",
                    "clusterrolebinding",
                    unique + "-nodes",
                    "--clusterrole=" + unique,
                    account);
        } else {
            shop.kubectl("create", "rolebinding", unique, "--clusterrole=view", account);
        }
        return shop.kubectl("create", "token", name).strip();
    }

    private static void paste(String token) {
        browser.evaluate("document.getElementById('token').focus()");
        browser.type(token);
        browser.enter();
    }

    private static void show(String view) {
        browser.evaluate("document.querySelector('#tabs a[href=\"#" + view + "\"]').click()");
    }

    /** As a user who chooses: the namespace must be there to be chosen. */
    private static void lookAt(String namespace) {
        await(() ->
                assertThat(
                                browser.evaluate(
                                                """
                                                (() => {
                                                  const select = document.getElementById('namespace');
                                                  select.value = '%s';
                                                  select.dispatchEvent(new Event('change'));
                                                  return select.value;
                                                })()
                                                """
                                                        .formatted(namespace))
                                        .asString(""))
                        .isEqualTo(namespace));
    }

    /** The box of a pod as it reads; empty when there is none. */
    private static String pod(String name) {
        return browser.evaluate(
                        """
                        [...document.querySelectorAll('.pod')].map(pod => pod.innerText)
                          .find(text => text.startsWith('%s')) ?? ''
                        """
                                .formatted(name))
                .asString("");
    }
}

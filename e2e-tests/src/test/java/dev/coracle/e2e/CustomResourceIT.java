package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** kubectl 1.32 on CustomResourceDefinitions and their objects; an API server alone. */
class CustomResourceIT {

    /** {@code %1$s} makes the group the test's own. */
    private static final String CRD =
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.%1$s.example.com}
            spec:
              group: %1$s.example.com
              scope: Namespaced
              names: {plural: widgets, kind: Widget, shortNames: [wd], categories: [all]}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    description: a thing that is made
                    properties:
                      spec:
                        type: object
                        required: [color]
                        x-kubernetes-validations:
                        - {rule: "self.replicas <= self.max", message: more than max}
                        properties:
                          color: {type: string, enum: [red, blue], description: what it looks like}
                          replicas: {type: integer, minimum: 0, default: 1}
                          max: {type: integer, default: 5}
                      status:
                        type: object
                        properties: {replicas: {type: integer}, phase: {type: string}}
                selectableFields: [{jsonPath: .spec.color}]
                subresources:
                  status: {}
                  scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
                additionalPrinterColumns:
                - {name: Color, type: string, jsonPath: .spec.color}
                - {name: Phase, type: string, jsonPath: .status.phase, priority: 1}
              - name: v1beta1
                served: true
                storage: false
                deprecated: true
                schema:
                  openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """;

    private static final String WIDGET =
            """
            apiVersion: %s.example.com/v1
            kind: Widget
            metadata: {name: w}
            spec: {color: red, replicas: 2}
            """;

    private static ApiServer server;

    @BeforeAll
    static void startAnApiServer() {
        server = ApiServer.start("coracle.apiserver.controllers=false");
    }

    @AfterAll
    static void stopIt() {
        server.stop();
    }

    private static Shell.Result run(String... arguments) {
        return server.kubectl(arguments);
    }

    private static String kubectl(String... arguments) {
        return run(arguments).orFail();
    }

    private static Shell.Result apply(String yaml, String... options) throws IOException {
        Path file = Files.createTempFile(server.data(), "manifest", ".yaml");
        Files.writeString(file, yaml);
        List<String> all = new ArrayList<>(List.of("apply", "-f", file.toString()));
        all.addAll(List.of(options));
        return run(all.toArray(String[]::new));
    }

    /** Makes the CRD in a group of the test's own and waits until it is served. */
    private static void define(String group) throws IOException {
        apply(CRD.formatted(group)).orFail();
        kubectl(
                "wait",
                "--for=condition=Established",
                "crd/widgets." + group + ".example.com",
                "--timeout=10s");
    }

    private static void refuses(String group, String patch, String error) {
        Shell.Result result =
                run("patch", "widgets." + group + ".example.com", "w", "--type=merge", "-p", patch);

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output()).contains(error);
    }

    @Test
    void publishesADefinition() throws IOException {
        define("publish");

        assertThat(kubectl("get", "crd")).contains("CREATED AT").contains("widgets.publish");
        assertThat(kubectl("api-resources", "--api-group=publish.example.com"))
                .containsPattern("widgets +wd +publish.example.com/v1 +true +Widget");
        assertThat(kubectl("explain", "widgets.spec", "--api-version=publish.example.com/v1"))
                .contains("color\t<string> -required-")
                .contains("enum: red, blue")
                .contains("what it looks like");
    }

    @Test
    void servesObjectsAsBuiltInOnes() throws IOException {
        define("serve");

        assertThat(apply(WIDGET.formatted("serve")).orFail()).contains("created");
        assertThat(apply(WIDGET.formatted("serve")).orFail()).contains("unchanged");
        assertThat(apply(WIDGET.formatted("serve").replace("red", "blue")).orFail())
                .contains("configured");
        assertThat(kubectl("get", "widgets.serve.example.com"))
                .containsPattern("NAME +COLOR")
                .containsPattern("w +blue");
        kubectl("scale", "widgets.serve.example.com/w", "--replicas=4");
        kubectl(
                "patch",
                "widgets.serve.example.com",
                "w",
                "--subresource=status",
                "--type=merge",
                "-p",
                "{\"status\":{\"phase\":\"Made\"}}");
        assertThat(
                        kubectl(
                                "get",
                                "widgets.serve.example.com",
                                "w",
                                "-o",
                                "jsonpath={.spec.replicas} {.spec.max} {.status.phase}"
                                        + " {.metadata.generation}"))
                .isEqualTo("4 5 Made 3");
        assertThat(kubectl("get", "widgets.serve.example.com", "-o", "wide")).contains("Made");
        kubectl("delete", "widgets.serve.example.com", "w");
        assertThat(kubectl("get", "widgets.serve.example.com")).contains("No resources found");
    }

    @Test
    void holdsObjectsAgainstTheSchema() throws IOException {
        define("validate");
        apply(WIDGET.formatted("validate")).orFail();

        refuses(
                "validate",
                "{\"spec\":{\"replicas\":\"x\"}}",
                "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type"
                        + " integer: \"string\"");
        refuses(
                "validate",
                "{\"spec\":{\"color\":\"green\"}}",
                "spec.color: Unsupported value: \"green\": supported values: \"red\", \"blue\"");
        refuses("validate", "{\"spec\":{\"color\":null}}", "spec.color: Required value");
        refuses(
                "validate",
                "{\"spec\":{\"replicas\":9}}",
                "spec: Invalid value: \"object\": more than max");
        String misspelled = WIDGET.formatted("validate").replace("replicas: 2", "replica: 2");
        assertThat(apply(misspelled).output()).contains("unknown field \"spec.replica\"");
        assertThat(apply(misspelled, "--validate=warn").orFail())
                .contains("Warning: unknown field \"spec.replica\"");
    }

    @Test
    void refusesADefinitionThatIsNotStructural() throws IOException {
        Shell.Result result =
                apply(CRD.formatted("broken").replace("max: {type: integer", "max: {title: x"));

        assertThat(result.exitCode()).isNotZero();
        assertThat(result.output())
                .contains(
                        "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[max].type:"
                                + " Required value: must not be empty for specified object fields");
    }

    @Test
    void servesEachVersion() throws IOException {
        define("versions");
        apply(WIDGET.formatted("versions")).orFail();

        assertThat(kubectl("get", "widgets.v1beta1.versions.example.com", "w", "-o", "yaml"))
                .contains("versions.example.com/v1beta1 Widget is deprecated")
                .contains("apiVersion: versions.example.com/v1beta1")
                .contains("color: red");
        kubectl(
                "patch",
                "crd",
                "widgets.versions.example.com",
                "--type=json",
                "-p",
                "[{\"op\":\"replace\",\"path\":\"/spec/versions/1/served\",\"value\":false}]");
        Await.until(
                Duration.ofSeconds(5),
                () ->
                        assertThat(
                                        run("get", "--raw", "/apis/versions.example.com/v1beta1")
                                                .exitCode())
                                .isNotZero());
    }

    @Test
    void selectsByAField() throws IOException {
        define("select");
        apply(WIDGET.formatted("select")).orFail();

        assertThat(
                        kubectl(
                                "get",
                                "widgets.select.example.com",
                                "-o=name",
                                "--field-selector=spec.color=red"))
                .contains("/w");
        assertThat(
                        kubectl(
                                "get",
                                "widgets.select.example.com",
                                "-o=name",
                                "--field-selector=spec.color=blue"))
                .isEmpty();
    }

    @Test
    void appliesOnTheServer() throws IOException {
        define("ssa");
        apply(WIDGET.formatted("ssa"), "--server-side", "--field-manager=one").orFail();

        Shell.Result conflict =
                apply(
                        WIDGET.formatted("ssa").replace("red", "blue"),
                        "--server-side",
                        "--field-manager=two");

        assertThat(conflict.exitCode()).isNotZero();
        assertThat(conflict.output()).contains("conflict with \"one\": .spec.color");
    }

    @Test
    void watches() throws IOException {
        define("watch");
        apply(WIDGET.formatted("watch")).orFail();

        Shell.Result watched =
                Shell.run(
                        Duration.ofSeconds(30),
                        Map.of("KUBECONFIG", server.kubeconfig().toString()),
                        List.of(
                                Kubectl.program().toString(),
                                "get",
                                "--raw",
                                "/apis/watch.example.com/v1beta1/widgets?watch=true&timeoutSeconds=1"));

        assertThat(watched.output())
                .contains("\"type\":\"ADDED\"")
                .contains("\"apiVersion\":\"watch.example.com/v1beta1\"");
    }

    @Test
    void deletesTheObjectsWithTheirDefinition() throws IOException {
        define("delete");
        apply(WIDGET.formatted("delete").replace("{name: w}", "{name: w, finalizers: [a.b/c]}"))
                .orFail();
        kubectl("delete", "crd", "widgets.delete.example.com", "--wait=false");

        Await.until(
                Duration.ofSeconds(5),
                () ->
                        assertThat(
                                        kubectl(
                                                "get",
                                                "crd",
                                                "widgets.delete.example.com",
                                                "-o",
                                                "jsonpath={.status.conditions[?(@.type=='Terminating')].reason}"))
                                .isEqualTo("InstanceDeletionInProgress"));
        assertThat(apply(WIDGET.formatted("delete").replace("name: w", "name: x")).output())
                .contains("create not allowed while custom resource definition is terminating");
        kubectl(
                "patch",
                "widgets.delete.example.com",
                "w",
                "--type=merge",
                "-p",
                "{\"metadata\":{\"finalizers\":null}}");
        kubectl("wait", "--for=delete", "crd/widgets.delete.example.com", "--timeout=10s");
        assertThat(run("get", "--raw", "/apis/delete.example.com").exitCode()).isNotZero();
    }

    @Test
    void keepsBothOverARestart() throws IOException {
        define("restart");
        apply(WIDGET.formatted("restart")).orFail();

        server.crashAndRestart();

        assertThat(
                        kubectl(
                                "get",
                                "widgets.restart.example.com",
                                "-o=name",
                                "--field-selector=spec.color=red"))
                .contains("/w");
        refuses("restart", "{\"spec\":{\"replicas\":-1}}", "greater than or equal to 0");
    }
}

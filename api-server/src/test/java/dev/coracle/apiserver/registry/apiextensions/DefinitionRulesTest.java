package dev.coracle.apiserver.registry.apiextensions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.FieldError;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class DefinitionRulesTest {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final CustomResourceDefinitionStrategy STRATEGY =
            new CustomResourceDefinitionStrategy(InstantSource.fixed(Instant.EPOCH));

    private static final String CRD =
            """
            metadata: {name: widgets.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {plural: widgets, kind: Widget}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    properties: {spec: {type: object, properties: {n: {type: integer}, o: {type: object}}}}
                subresources: {scale: {specReplicasPath: .spec.n, statusReplicasPath: .status.n}}
                additionalPrinterColumns: [{name: N, type: integer, jsonPath: .spec.n}]
                selectableFields: [{jsonPath: .spec.n}]
            """;

    private static ApiObject crd(String text) {
        ApiObject crd =
                new ApiObject((ObjectNode) Json.MAPPER.readTree(YAML.readTree(text).toString()));
        STRATEGY.applyDefaults(crd);
        STRATEGY.prepareForCreate(crd);
        return crd;
    }

    private static List<String> texts(List<FieldError> errors) {
        return errors.stream().map(FieldError::toString).toList();
    }

    @Test
    void fillInTheNamesAndTheConversion() {
        ApiObject crd = crd(CRD);

        assertThat(crd.text("spec.names.singular")).isEqualTo("widget");
        assertThat(crd.text("spec.names.listKind")).isEqualTo("WidgetList");
        assertThat(crd.text("spec.conversion.strategy")).isEqualTo("None");
        assertThat(crd.at("status.storedVersions").toString()).isEqualTo("[\"v1\"]");
        assertThat(STRATEGY.validateCreate(crd)).isEmpty();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                argumentSet(
                        "another name",
                        "widgets.example.com",
                        "widget.example.com",
                        "metadata.name: Invalid value: \"widget.example.com\": must be"
                                + " spec.names.plural+\".\"+spec.group"),
                argumentSet(
                        "a scope",
                        "Namespaced",
                        "Everywhere",
                        "spec.scope: Unsupported value: \"Everywhere\": supported values: \"Cluster\","
                                + " \"Namespaced\""),
                argumentSet(
                        "no kind",
                        "kind: Widget",
                        "listKind: X",
                        "spec.names.kind: Required value"),
                argumentSet(
                        "a conversion webhook",
                        "  scope:",
                        "  conversion: {strategy: Webhook}\n  scope:",
                        "spec.conversion.strategy: Invalid value: \"Webhook\": conversion webhooks are"
                                + " not served by Coracle yet; use None"),
                argumentSet(
                        "unknown fields kept everywhere",
                        "  scope:",
                        "  preserveUnknownFields: true\n  scope:",
                        "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set"
                                + " x-kubernetes-preserve-unknown-fields to true in"
                                + " spec.versions[*].schema instead"),
                argumentSet(
                        "a version's name",
                        "name: v1",
                        "name: 1v",
                        "spec.versions[0].name: Invalid value: \"1v\": a DNS-1035 label must consist of"
                                + " lower case alphanumeric characters or '-', start with an alphabetic"
                                + " character, and end with an alphanumeric character (e.g. 'my-name',  or"
                                + " 'abc-123', regex used for validation is"
                                + " '[a-z]([-a-z0-9]*[a-z0-9])?')"),
                argumentSet(
                        "a scale path",
                        "specReplicasPath: .spec.n",
                        "specReplicasPath: .x.n",
                        "spec.subresources.scale.specReplicasPath: Invalid value: \".x.n\":"
                                + " should be a json path under .spec"),
                argumentSet(
                        "a column's type",
                        "type: integer, jsonPath",
                        "type: int, jsonPath",
                        "spec.additionalPrinterColumns[0].type: Invalid value: \"int\": must"
                                + " be one of boolean,date,integer,number,string"),
                argumentSet(
                        "a selectable object",
                        "selectableFields: [{jsonPath: .spec.n}]",
                        "selectableFields: [{jsonPath: .spec.o}]",
                        "spec.selectableFields[0].jsonPath: Invalid value: \".spec.o\": must"
                                + " point to a field of type string, boolean or integer. Enum string"
                                + " fields and strings with formats are allowed."),
                argumentSet(
                        "a selectable field that is not there",
                        "selectableFields: [{jsonPath: .spec.n}]",
                        "selectableFields: [{jsonPath: .spec.x}]",
                        "spec.selectableFields[0].jsonPath: Invalid value: \".spec.x\": is an"
                                + " invalid path: does not refer to a valid field"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refuse(String part, String instead, String error) {
        assertThat(texts(STRATEGY.validateCreate(crd(CRD.replace(part, instead))))).contains(error);
    }

    @Test
    void wantAnApprovalForGroupsOfKubernetes() {
        assertThat(texts(STRATEGY.validateCreate(crd(CRD.replace("example.com", "x.k8s.io")))))
                .containsExactly(
                        "metadata.annotations[api-approved.kubernetes.io]: Required value: protected"
                                + " groups must have approval annotation \"api-approved.kubernetes.io\","
                                + " see https://github.com/kubernetes/enhancements/pull/1111");
    }

    @Test
    void keepTheScopeOnceEstablished() {
        ApiObject old = crd(CRD);
        Conditions.set(old, Conditions.ESTABLISHED, true, "", "", "");
        ApiObject updated = crd(CRD.replace("Namespaced", "Cluster"));

        assertThat(texts(STRATEGY.validateUpdate(updated, old)))
                .containsExactly("spec.scope: Invalid value: \"Cluster\": field is immutable");
    }
}

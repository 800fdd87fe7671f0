package dev.coracle.apiserver.customresource.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.Json;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Rules as the CRDs of the Gateway API have them, each on an object it takes and one it refuses.
 */
class GatewayRulesTest {

    private static final YAMLMapper YAML = new YAMLMapper();

    private static final String LISTENERS =
            "{type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [name], items:"
                    + " {type: object, properties: {name: {type: string}, port: {type: integer,"
                    + " format: int32}, protocol: {type: string}, hostname: {type: string}}}}";
    private static final String FILTERS =
            "{type: array, items: {type: object, properties: {type: {type: string}, requestMirror:"
                    + " {type: object, properties: {x: {type: string}}}}}}";
    private static final String PATH =
            "{type: object, properties: {type: {type: string}, value: {type: string}}}";
    private static final String TIMEOUTS =
            "{type: object, properties: {request: {type: string}, backendRequest: {type: string}}}";
    private static final String REFERENCE =
            "{type: object, properties: {group: {type: string}, kind: {type: string}, port: {type:"
                    + " integer}}}";

    static Stream<Arguments> rules() {
        return Stream.of(
                argumentSet(
                        "listeners are unique",
                        LISTENERS,
                        "self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol =="
                                + " l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname =="
                                + " l2.hostname : !has(l1.hostname) && !has(l2.hostname))))",
                        "[{name: a, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: HTTP,"
                                + " hostname: x}]",
                        "[{name: a, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: HTTP}]"),
                argumentSet(
                        "no hostname for TCP",
                        LISTENERS,
                        "self.all(l, l.protocol in ['TCP', 'UDP']  ? (!has(l.hostname) || l.hostname =="
                                + " '') : true)",
                        "[{name: a, protocol: TCP}]",
                        "[{name: a, protocol: TCP, hostname: x}]"),
                argumentSet(
                        "one filter of a type",
                        FILTERS,
                        "self.filter(f, f.type == 'RequestHeaderModifier').size() <= 1",
                        "[{type: RequestHeaderModifier}]",
                        "[{type: RequestHeaderModifier}, {type: RequestHeaderModifier}]"),
                argumentSet(
                        "filters exclude each other",
                        FILTERS,
                        "!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type =="
                                + " 'URLRewrite'))",
                        "[{type: URLRewrite}]",
                        "[{type: URLRewrite}, {type: RequestRedirect}]"),
                argumentSet(
                        "the mirror has its type",
                        FILTERS,
                        "self.all(f, !(has(f.requestMirror) && f.type != 'RequestMirror'))",
                        "[{type: RequestMirror, requestMirror: {}}]",
                        "[{type: Other, requestMirror: {}}]"),
                argumentSet(
                        "a path begins with a slash",
                        PATH,
                        "(self.type in ['Exact','PathPrefix']) ? self.value.startsWith('/') : true",
                        "{type: Exact, value: /a}",
                        "{type: Exact, value: a}"),
                argumentSet(
                        "a path of legal characters",
                        PATH,
                        "(self.type in ['Exact','PathPrefix']) ?"
                                + " self.value.matches(r\"\"\"^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$\"\"\")"
                                + " : true",
                        "{type: Exact, value: /a%20b}",
                        "{type: Exact, value: /a b}"),
                argumentSet(
                        "the backend has less time",
                        TIMEOUTS,
                        "!(has(self.request) && has(self.backendRequest) && duration(self.request) !="
                                + " duration('0s') && duration(self.backendRequest) >"
                                + " duration(self.request))",
                        "{request: 10s, backendRequest: 5s}",
                        "{request: 1s, backendRequest: 1m}"),
                argumentSet(
                        "a Service has a port",
                        REFERENCE,
                        "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true",
                        "{group: '', kind: Service, port: 80}",
                        "{group: '', kind: Service}"));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void holdAndFailAsMeant(String schema, String rule, String good, String bad) {
        ObjectNode node = Json.newObject().put("type", "object");
        ObjectNode property = yaml(schema);
        node.putObject("properties").set("f", property);
        property.putArray("x-kubernetes-validations").addObject().put("rule", rule);
        RuleValidator validator = RuleValidator.compile(node);

        assertThat(validator.validate(yaml("{f: " + good + "}"), null)).isEmpty();
        assertThat(validator.validate(yaml("{f: " + bad + "}"), null))
                .singleElement()
                .asString()
                .contains("failed rule");
    }

    private static ObjectNode yaml(String text) {
        return (ObjectNode) Json.MAPPER.readTree(YAML.readTree(text).toString());
    }
}

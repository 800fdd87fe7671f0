package dev.coracle.apiserver.registry.networking;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.registry.validation.Addresses.Network;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.registry.validation.Selectors;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Columns;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** NetworkPolicies. */
public final class NetworkPolicies {

    private NetworkPolicies() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.namespaced(
                                        "networking.k8s.io",
                                        "v1",
                                        "NetworkPolicy",
                                        "networkpolicies",
                                        "io.k8s.api.networking.v1.NetworkPolicy")
                                .withShortNames("netpol"))
                .printedBy(
                        Columns.named()
                                .text(
                                        "Pod-Selector",
                                        policy -> Selectors.print(policy.at("spec.podSelector")))
                                .age())
                .defaults(NetworkPolicies::defaults)
                .withGeneration()
                .rules(policy -> {
                    Check spec = policy.in("spec");
                    spec.selector("podSelector")
                            .each("ingress", rule -> rule(rule, "from"))
                            .each("egress", rule -> rule(rule, "to"))
                            .eachSupported("policyTypes", "Egress", "Ingress");
                    if (spec.node().path("policyTypes").size() > 2) {
                        spec.invalid("policyTypes", "may not specify more than two policyTypes");
                    }
                })
                .build();
    }

    private static void defaults(ApiObject policy) {
        ObjectNode spec = policy.spec();
        Json.object(spec, "podSelector");
        for (String direction : List.of("ingress", "egress")) {
            for (ObjectNode rule : Json.objects(spec.path(direction))) {
                Json.objects(rule.path("ports"))
                        .forEach(port -> Json.setDefault(port, "protocol", "TCP"));
            }
        }
        if (spec.path("policyTypes").isEmpty()) {
            ArrayNode types = spec.putArray("policyTypes").add("Ingress");
            if (!spec.path("egress").isEmpty()) {
                types.add("Egress");
            }
        }
    }

    private static void rule(Check rule, String peers) {
        rule.each("ports", NetworkPolicies::port).each(peers, NetworkPolicies::peer);
    }

    private static void port(Check port) {
        port.supported("protocol", "SCTP", "TCP", "UDP");
        JsonNode number = port.node().path("port");
        JsonNode end = port.node().path("endPort");
        if (number.isNumber()) {
            port.port("port");
            if (end.isNumber() && end.asLong() < number.asLong()) {
                port.invalid("endPort", "must be greater than or equal to `port`");
            }
            port.port("endPort");
        } else if (number.isString()) {
            port.shaped("port", Names::portName);
            if (end.isNumber()) {
                port.invalid("endPort", "may not be specified when `port` is non-numeric");
            }
        } else if (end.isNumber()) {
            port.invalid("endPort", "may not be specified when `port` is not specified");
        }
    }

    private static void peer(Check peer) {
        boolean pods = peer.node().has("podSelector");
        boolean namespaces = peer.node().has("namespaceSelector");
        boolean block = peer.node().has("ipBlock");
        if (!pods && !namespaces && !block) {
            peer.add(FieldError.required(peer.path(), "must specify a peer"));
        } else if (block && (pods || namespaces)) {
            peer.add(
                    FieldError.forbidden(
                            peer.path(), "may not specify both ipBlock and another peer"));
        }
        peer.selector("podSelector")
                .selector("namespaceSelector")
                .ifPresent("ipBlock", NetworkPolicies::block);
    }

    private static void block(Check block) {
        block.required("cidr").shaped("cidr", Addresses::network);
        Optional<Network> whole = Addresses.parseNetwork(block.text("cidr"));
        block.each(
                "except",
                except -> {
                    Optional<Network> part = Addresses.parseNetwork(except.node().asString(""));
                    if (part.isEmpty()) {
                        except.invalid(
                                String.valueOf(Addresses.network(except.node().asString(""))));
                    } else if (whole.isPresent() && !whole.get().strictlyContains(part.get())) {
                        except.invalid("must be a strict subset of `cidr`");
                    }
                });
    }
}

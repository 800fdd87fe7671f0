package dev.coracle.apiserver.registry.networking;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Addresses;
import dev.coracle.apiserver.registry.validation.Addresses.Network;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.table.Columns;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** IPAddresses and ServiceCIDRs: the addresses of Services as objects. */
public final class ServiceAddresses {

    private ServiceAddresses() {}

    public static ResourceStrategy ipAddress() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        "networking.k8s.io",
                                        "v1",
                                        "IPAddress",
                                        "ipaddresses",
                                        "io.k8s.api.networking.v1.IPAddress")
                                .withShortNames("ip"))
                .printedBy(Columns.named().text("ParentRef", ServiceAddresses::parent).age())
                .named(ServiceAddresses::canonical)
                .rules(object -> {
                    Check spec = object.in("spec");
                    spec.required("parentRef");
                    spec.ifPresent("parentRef", ref -> ref.required("resource").required("name"));
                })
                .immutable("spec.parentRef")
                .build();
    }

    public static ResourceStrategy serviceCidr() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        "networking.k8s.io",
                                        "v1",
                                        "ServiceCIDR",
                                        "servicecidrs",
                                        "io.k8s.api.networking.v1.ServiceCIDR")
                                .with(Subresource.STATUS))
                .printedBy(
                        Columns.named()
                                .text(
                                        "CIDRs",
                                        object ->
                                                String.join(
                                                        ",", Json.texts(object.at("spec.cidrs"))))
                                .age())
                .rules(object -> cidrs(object.in("spec")))
                .immutable("spec.cidrs")
                .build();
    }

    private static void cidrs(Check spec) {
        spec.required("cidrs", "at least one CIDR required");
        List<String> cidrs = Json.texts(spec.node().path("cidrs"));
        if (cidrs.size() > 2) {
            spec.invalid("cidrs", "may only hold up to 2 values");
            return;
        }
        List<Network> networks =
                cidrs.stream().map(Addresses::parseNetwork).flatMap(Optional::stream).toList();
        if (networks.size() == 2 && networks.get(0).isV6() == networks.get(1).isV6()) {
            spec.invalid(
                    "cidrs",
                    "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and"
                            + " 2001:db8::/96");
        }
        spec.each(
                "cidrs",
                cidr -> {
                    @Nullable String wrong = Addresses.network(cidr.node().asString(""));
                    if (wrong != null) {
                        cidr.invalid(wrong);
                    }
                });
    }

    private static @Nullable String canonical(String name) {
        boolean v6 = name.contains(":");
        return Addresses.parse(name).isPresent()
                        && (!v6 || name.equals(name.toLowerCase(java.util.Locale.ROOT)))
                ? null
                : "must be a valid IP address in canonical form (e.g. 10.9.8.7 or 2001:db8::ffff)";
    }

    /** {@code services/default/kubernetes}. */
    private static String parent(ApiObject object) {
        String resource = object.text("spec.parentRef.resource");
        String group = object.text("spec.parentRef.group");
        String namespace = object.text("spec.parentRef.namespace");
        return resource
                + (group.isEmpty() ? "" : "." + group)
                + "/"
                + (namespace.isEmpty() ? "" : namespace + "/")
                + object.text("spec.parentRef.name");
    }
}

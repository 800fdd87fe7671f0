package dev.coracle.apiserver.registry.certificates;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.DeclaredStrategy;
import dev.coracle.apiserver.registry.ResourceDefinition;
import dev.coracle.apiserver.registry.ResourceDefinition.Subresource;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import dev.coracle.apiserver.table.Ages;
import dev.coracle.apiserver.table.Columns;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** CertificateSigningRequests. */
public final class SigningRequests {

    private static final Set<String> DECISIONS = Set.of("Approved", "Denied");

    private static final String[] USAGES = {
        "any",
        "cert sign",
        "client auth",
        "code signing",
        "content commitment",
        "crl sign",
        "data encipherment",
        "decipher only",
        "digital signature",
        "email protection",
        "encipher only",
        "ipsec end system",
        "ipsec tunnel",
        "ipsec user",
        "key agreement",
        "key encipherment",
        "microsoft sgc",
        "netscape sgc",
        "ocsp signing",
        "s/mime",
        "server auth",
        "signing",
        "timestamping"
    };

    private SigningRequests() {}

    public static ResourceStrategy strategy() {
        return DeclaredStrategy.of(
                        ResourceDefinition.clusterScoped(
                                        "certificates.k8s.io",
                                        "v1",
                                        "CertificateSigningRequest",
                                        "certificatesigningrequests",
                                        "io.k8s.api.certificates.v1.CertificateSigningRequest")
                                .withShortNames("csr")
                                .with(Subresource.STATUS, Subresource.APPROVAL))
                .printedBy(
                        Columns.named()
                                .age()
                                .textOrNone(
                                        "SignerName", request -> request.text("spec.signerName"))
                                .text("Requestor", request -> request.text("spec.username"))
                                .text("RequestedDuration", SigningRequests::duration)
                                .text("Condition", SigningRequests::condition))
                .named(Names::pathSegment)
                .selectableBy(request -> Map.of("spec.signerName", request.text("spec.signerName")))
                .onRequest((request, requester) -> {
                    request.spec().remove(List.of("username", "uid", "groups", "extra"));
                    request.spec().setAll(requester);
                })
                .onUpdate((updated, old) -> updated.tree().set("spec", old.spec().deepCopy()))
                .onStatusUpdate(SigningRequests::keepDecisions)
                .statusRules(SigningRequests::conditions)
                .rules(request -> {
                    rules(request.in("spec"));
                    conditions(request.in("status"));
                })
                .build();
    }

    private static void rules(Check spec) {
        if (spec.required("request").has("request")) {
            @Nullable String wrong = pem(spec.text("request"));
            if (wrong != null) {
                spec.invalid("request", wrong);
            }
        }
        String signer = spec.text("signerName");
        spec.required("signerName");
        int slash = signer.indexOf('/');
        if (!signer.isEmpty()
                && (slash <= 0
                        || slash == signer.length() - 1
                        || signer.indexOf('/', slash + 1) >= 0
                        || !signer.substring(0, slash).contains(".")
                        || Names.subdomain(signer.substring(0, slash)) != null
                        || Names.subdomain(signer.substring(slash + 1)) != null)) {
            spec.invalid(
                    "signerName",
                    "must be a fully qualified domain and path of the form 'example.com/signer-name'");
        }
        spec.required("usages", "usages must contain at least one value")
                .eachSupported("usages", USAGES);
        Set<String> usages = new HashSet<>();
        spec.each(
                "usages",
                usage -> {
                    if (!usages.add(usage.node().asString(""))) {
                        usage.add(FieldError.duplicate(usage.path(), usage.node()));
                    }
                });
        if (spec.node().path("expirationSeconds").asLong(600) < 600) {
            spec.invalid(
                    "expirationSeconds",
                    "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    private static void conditions(Check status) {
        Set<String> types =
                Json.objects(status.node().path("conditions")).stream()
                        .map(condition -> Json.text(condition, "type"))
                        .collect(Collectors.toSet());
        if (types.contains("Approved") && types.contains("Denied")) {
            status.invalid("conditions", "Approved and Denied conditions are mutually exclusive");
        }
        Set<String> taken = new HashSet<>();
        status.each(
                "conditions",
                condition -> {
                    condition.required("type").unique("type", taken).required("status");
                    if (List.of("Approved", "Denied", "Failed").contains(condition.text("type"))) {
                        condition.supported("status", "True");
                    } else {
                        condition.supported("status", "False", "True", "Unknown");
                    }
                });
    }

    /** Only the subresource approval approves and denies. */
    private static void keepDecisions(ApiObject updated, ApiObject old) {
        List<ObjectNode> kept = new ArrayList<>();
        for (ObjectNode condition : Json.objects(old.at("status.conditions"))) {
            if (DECISIONS.contains(Json.text(condition, "type"))) {
                kept.add(condition);
            }
        }
        for (ObjectNode condition : Json.objects(updated.at("status.conditions"))) {
            if (!DECISIONS.contains(Json.text(condition, "type"))) {
                kept.add(condition);
            }
        }
        updated.status().remove("conditions");
        if (!kept.isEmpty()) {
            updated.status().putArray("conditions").addAll(kept);
        }
    }

    private static @Nullable String pem(String base64) {
        String text;
        try {
            text = new String(Base64.getDecoder().decode(base64), StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException e) {
            return "must be base64: " + e.getMessage();
        }
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            return parser.readObject() instanceof PKCS10CertificationRequest
                    ? null
                    : "PEM block type must be CERTIFICATE REQUEST";
        } catch (IOException | RuntimeException e) {
            return "PEM block type must be CERTIFICATE REQUEST";
        }
    }

    private static String duration(ApiObject request) {
        return request.at("spec.expirationSeconds").isNumber()
                ? Ages.human(Duration.ofSeconds(request.at("spec.expirationSeconds").asLong()))
                : "<none>";
    }

    private static String condition(ApiObject request) {
        Set<String> types = new HashSet<>();
        for (ObjectNode condition : Json.objects(request.at("status.conditions"))) {
            types.add(Json.text(condition, "type"));
        }
        String status = types.contains("Approved") ? "Approved" : "Pending";
        status = types.contains("Denied") ? "Denied" : status;
        status += types.contains("Failed") ? ",Failed" : "";
        return request.text("status.certificate").isEmpty() ? status : status + ",Issued";
    }
}

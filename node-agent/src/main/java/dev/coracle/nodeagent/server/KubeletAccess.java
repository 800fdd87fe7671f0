package dev.coracle.nodeagent.server;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask the kubelet API for what: a client is who its certificate or its bearer token says,
 * and is allowed what it may do with the Node's subresource of the path. Blocks; thread-safe.
 */
public final class KubeletAccess {

    private static final String BEARER = "bearer ";

    private final Reviews reviews;

    public KubeletAccess(Reviews reviews) {
        this.reviews = reviews;
    }

    /** What the API server is asked. */
    public interface Reviews {

        /** Whose token it is; empty if it is nobody's. */
        Optional<Caller> authenticate(String token);

        /** Whether the caller may do {@code verb} with the subresource of this Node. */
        boolean allows(Caller caller, String verb, String subresource);
    }

    /** A client that is known. */
    public record Caller(
            String user, String uid, List<String> groups, Map<String, List<String>> extra) {
        public Caller {
            groups = List.copyOf(groups);
            extra = Map.copyOf(extra);
        }
    }

    /** What a request gets. */
    sealed interface Decision {
        record Allowed() implements Decision {}

        record Unauthenticated() implements Decision {}

        record Forbidden(String message) implements Decision {}
    }

    Decision decide(
            @Nullable X509Certificate certificate,
            @Nullable String authorization,
            String method,
            String path) {
        Optional<Caller> caller =
                certificate == null ? bearer(authorization) : Optional.of(caller(certificate));
        if (caller.isEmpty()) {
            return new Decision.Unauthenticated();
        }
        String verb = verb(method);
        List<String> subresources = subresources(path);
        for (String subresource : subresources) {
            if (reviews.allows(caller.get(), verb, subresource)) {
                return new Decision.Allowed();
            }
        }
        return new Decision.Forbidden(
                "Forbidden (user=%s, verb=%s, resource=nodes, subresource(s)=%s)"
                        .formatted(
                                caller.get().user(),
                                verb,
                                "[" + String.join(" ", subresources) + "]"));
    }

    private Optional<Caller> bearer(@Nullable String authorization) {
        boolean given =
                authorization != null
                        && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length());
        return given && authorization != null
                ? reviews.authenticate(authorization.substring(BEARER.length()).strip())
                : Optional.empty();
    }

    /** A certificate's common name is the user, each organization a group. */
    private static Caller caller(X509Certificate certificate) {
        String user = "";
        List<String> groups = new ArrayList<>();
        try {
            for (Rdn part :
                    new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    user = part.getValue().toString();
                } else if (part.getType().equalsIgnoreCase("O")) {
                    groups.add(part.getValue().toString());
                }
            }
        } catch (InvalidNameException _) {
            // nobody in particular
        }
        groups.add("system:authenticated");
        return new Caller(user, "", groups, new LinkedHashMap<>());
    }

    private static String verb(String method) {
        return switch (method) {
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> "get";
        };
    }

    /** One of these is enough; as the page on kubelet authorization has them. */
    static List<String> subresources(String path) {
        String first = path.split("/", 3).length > 1 ? path.split("/", 3)[1] : "";
        return switch (first) {
            case "stats" -> List.of("stats");
            case "metrics" -> List.of("metrics");
            case "logs" -> List.of("log");
            case "checkpoint" -> List.of("checkpoint");
            case "pods", "runningpods", "runningPods" -> List.of("pods", "proxy");
            case "healthz" -> List.of("healthz", "proxy");
            case "configz" -> List.of("configz", "proxy");
            default -> List.of("proxy");
        };
    }
}

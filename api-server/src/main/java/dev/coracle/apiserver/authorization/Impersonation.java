package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.status.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.HttpHeaders;

/** The {@code Impersonate-*} headers (Kubernetes: Authenticating, "User impersonation"). */
final class Impersonation {

    private static final String USER = "Impersonate-User";
    private static final String GROUP = "Impersonate-Group";
    private static final String UID = "Impersonate-Uid";
    private static final String EXTRA = "impersonate-extra-";
    private static final String SERVICE_ACCOUNT = "system:serviceaccount:";
    private static final String AUTHENTICATION = "authentication.k8s.io";

    private final Authorizer authorizer;

    Impersonation(Authorizer authorizer) {
        this.authorizer = authorizer;
    }

    /**
     * The user the request is to be done as.
     *
     * @throws ApiException 403 when the caller may not act as him, 400 for headers without a user
     */
    User effective(User caller, HttpHeaders headers) {
        String name = headers.getFirst(USER);
        List<String> groups = headers.getOrDefault(GROUP, List.of());
        String uid = headers.getFirst(UID);
        Map<String, List<String>> extra = extra(headers);
        if (name == null || name.isEmpty()) {
            if (!groups.isEmpty() || uid != null || !extra.isEmpty()) {
                throw ApiException.badRequest(
                        "requested " + groups + " without impersonating a user: expected " + USER);
            }
            return caller;
        }
        List<String> effective = new ArrayList<>(groups);
        if (name.startsWith(SERVICE_ACCOUNT)) {
            String[] parts = name.substring(SERVICE_ACCOUNT.length()).split(":", -1);
            if (parts.length != 2) {
                throw ApiException.badRequest("'" + name + "' is no name of a service account");
            }
            require(caller, "", "serviceaccounts", "", parts[0], parts[1]);
            if (groups.isEmpty()) {
                effective.add("system:serviceaccounts");
                effective.add("system:serviceaccounts:" + parts[0]);
            }
        } else {
            require(caller, "", "users", "", "", name);
        }
        groups.forEach(group -> require(caller, "", "groups", "", "", group));
        if (uid != null) {
            require(caller, AUTHENTICATION, "uids", "", "", uid);
        }
        extra.forEach((key, values) ->
                values.forEach(
                        value -> require(caller, AUTHENTICATION, "userextras", key, "", value)));
        if (!name.equals("system:anonymous") && !effective.contains(User.AUTHENTICATED)) {
            effective.add(User.AUTHENTICATED);
        }
        return new User(name, uid == null ? "" : uid, effective, extra);
    }

    private static Map<String, List<String>> extra(HttpHeaders headers) {
        Map<String, List<String>> extra = new LinkedHashMap<>();
        headers.forEach((header, values) -> {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith(EXTRA)) {
                try {
                    extra.put(
                            URLDecoder.decode(
                                    lower.substring(EXTRA.length()), StandardCharsets.UTF_8),
                            values);
                } catch (IllegalArgumentException e) {
                    throw ApiException.badRequest("header '" + header + "': " + e.getMessage());
                }
            }
        });
        return extra;
    }

    private void require(
            User caller,
            String group,
            String resource,
            String subresource,
            String namespace,
            String name) {
        Attributes wanted =
                new Attributes(
                        "impersonate", group, "v1", resource, subresource, namespace, name, "");
        if (!authorizer.decide(caller, wanted).allowed()) {
            throw AuthorizationFilter.refusal(caller, wanted, "");
        }
    }
}

package dev.coracle.nodeagent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coracle.nodeagent.image.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads one repository of one registry as one user, or as nobody. What the registry asks for, basic
 * authentication or a token of its own, it gets at the first answer 401. Confined to one pull.
 */
final class RegistryClient {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ANSWER = Duration.ofMinutes(2);
    private static final int MOST_REDIRECTS = 5;
    private static final Pattern PARAMETER = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|([^,\\s]*))");
    private static final String HUB = "docker.io";
    private static final String HUB_SERVER = "registry-1.docker.io";

    private final HttpClient http;
    private final ImageReference image;
    private final @Nullable RegistryLogin login;
    private @Nullable String authorization;

    RegistryClient(HttpClient http, ImageReference image, @Nullable RegistryLogin login) {
        this.http = http;
        this.image = image;
        this.login = login;
    }

    /** The registry does not let this user read. */
    static final class DeniedException extends IOException {
        DeniedException(String message) {
            super(message);
        }
    }

    /** A manifest by tag or digest. */
    byte[] manifest(String what, String accept) throws IOException {
        try (InputStream in = get("manifests/" + what, accept)) {
            return in.readAllBytes();
        }
    }

    /** A layer or config; the caller closes it. */
    InputStream blob(String digest) throws IOException {
        return get("blobs/" + digest, "*/*");
    }

    private InputStream get(String what, String accept) throws IOException {
        String host = image.host().equals(HUB) ? HUB_SERVER : image.host();
        URI uri = URI.create("https://" + host + "/v2/" + image.path() + "/" + what);
        HttpResponse<InputStream> answer = send(uri, accept, authorization);
        if (answer.statusCode() == HttpURLConnection.HTTP_UNAUTHORIZED && authorization == null) {
            answer.body().close();
            Optional<String> answerable = authenticate(answer);
            if (answerable.isPresent()) {
                authorization = answerable.get();
                answer = send(uri, accept, authorization);
            }
        }
        for (int i = 0; i < MOST_REDIRECTS && isRedirect(answer.statusCode()); i++) {
            answer.body().close();
            String location = answer.headers().firstValue("Location").orElse("");
            URI next = answer.uri().resolve(location);
            if (!"https".equals(next.getScheme())) {
                throw new IOException("redirected to '" + next.getScheme() + "', not https");
            }
            boolean same = Objects.equals(next.getAuthority(), uri.getAuthority());
            answer = send(next, accept, same ? authorization : null);
        }
        return body(answer, uri);
    }

    private InputStream body(HttpResponse<InputStream> answer, URI uri) throws IOException {
        if (answer.statusCode() == HttpURLConnection.HTTP_OK) {
            return answer.body();
        }
        answer.body().close();
        switch (answer.statusCode()) {
            case HttpURLConnection.HTTP_NOT_FOUND ->
                    throw new IOException(image.text() + ": not found");
            case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
                    throw new DeniedException(
                            "pull access denied, repository does not exist or may require"
                                    + " authorization: "
                                    + (login == null
                                            ? "no basic auth credentials"
                                            : "the registry refuses user '" + login.user() + "'"));
            default ->
                    throw new IOException(
                            "unexpected status from GET request to "
                                    + uri
                                    + ": "
                                    + answer.statusCode());
        }
    }

    private HttpResponse<InputStream> send(URI uri, String accept, @Nullable String auth)
            throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).timeout(ANSWER).header("Accept", accept);
        if (auth != null) {
            request.header("Authorization", auth);
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new IOException("failed to do request: Get \"" + uri + "\": " + why, e);
        }
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    /** What to answer to the registry's question; empty if there is nothing. */
    private Optional<String> authenticate(HttpResponse<?> answer) throws IOException {
        for (String question : answer.headers().allValues("WWW-Authenticate")) {
            String scheme = question.split(" ", 2)[0].toLowerCase(Locale.ROOT);
            if (scheme.equals("bearer")) {
                return Optional.of("Bearer " + token(question));
            }
            if (scheme.equals("basic") && login != null) {
                return Optional.of(login.basic());
            }
        }
        return Optional.empty();
    }

    private String token(String question) throws IOException {
        String scope = "repository:" + image.path() + ":pull";
        String realm = "";
        String service = "";
        Matcher parameters = PARAMETER.matcher(question);
        while (parameters.find()) {
            String value = parameters.group(2) == null ? parameters.group(3) : parameters.group(2);
            switch (parameters.group(1)) {
                case "realm" -> realm = value;
                case "service" -> service = value;
                case "scope" -> scope = value;
                default -> {
                    // of no use here
                }
            }
        }
        if (!realm.startsWith("https://")) {
            throw new IOException("the registry's token server '" + realm + "' is not https");
        }
        URI uri =
                URI.create(
                        realm
                                + (realm.contains("?") ? "&" : "?")
                                + "service="
                                + URLEncoder.encode(service, StandardCharsets.UTF_8)
                                + "&scope="
                                + URLEncoder.encode(scope, StandardCharsets.UTF_8));
        HttpResponse<InputStream> answer =
                send(uri, "application/json", login == null ? null : login.basic());
        try (InputStream in = body(answer, uri)) {
            JsonNode node = JSON.readTree(in);
            String token = node.path("token").asText(node.path("access_token").asText(""));
            if (token.isEmpty()) {
                throw new IOException("'" + realm + "' gave no token");
            }
            return token;
        }
    }
}

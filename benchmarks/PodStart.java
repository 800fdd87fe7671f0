import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Creates pods and measures for each the time from the request to the event that says Ready.
 *
 * <p>Arguments: the API's URL, a file with a bearer token, the node, the container as JSON members,
 * how many pods at once.
 */
public class PodStart {

    private static final Pattern READY = Pattern.compile("\\{[^{}]*\"type\":\"Ready\"[^{}]*\\}");
    private static final Pattern NAME = Pattern.compile("\"name\":\"(bench-[0-9]+)\"");

    public static void main(String[] arguments) throws Exception {
        String pods = arguments[0] + "/api/v1/namespaces/default/pods";
        String token = Files.readString(Path.of(arguments[1])).strip();
        int count = Integer.parseInt(arguments[4]);
        System.setProperty("jdk.internal.httpclient.disableHostnameVerification", "true");
        HttpClient client = HttpClient.newBuilder().sslContext(trusting()).build();
        Map<String, Long> begun = new ConcurrentHashMap<>();
        Map<String, Long> ready = new ConcurrentHashMap<>();
        CountDownLatch all = new CountDownLatch(count);
        // a connection has a hundred streams, one of which is the watch
        Semaphore free = new Semaphore(90);
        HttpResponse<Stream<String>> watch =
                client.send(
                        request(pods + "?watch=1&labelSelector=app%3Dbench", token).build(),
                        HttpResponse.BodyHandlers.ofLines());
        Thread.ofVirtual()
                .start(() ->
                        watch.body().forEach(line -> {
                            Matcher condition = READY.matcher(line);
                            Matcher name = NAME.matcher(line);
                            if (condition.find()
                                    && condition.group().contains("\"status\":\"True\"")
                                    && name.find()
                                    && ready.putIfAbsent(name.group(1), System.nanoTime()) == null) {
                                all.countDown();
                            }
                        }));
        for (int i = 0; i < count; i++) {
            String name = "bench-" + i;
            String body =
                    """
                    {"apiVersion":"v1","kind":"Pod",
                    "metadata":{"name":"%s","labels":{"app":"bench"}},
                    "spec":{"nodeName":"%s","terminationGracePeriodSeconds":1,
                    "containers":[{"name":"c",%s}]}}
                    """
                            .formatted(name, arguments[2], arguments[3]);
            begun.put(name, System.nanoTime());
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            free.acquire();
                            HttpResponse<String> answer =
                                    client.send(
                                            request(pods, token)
                                                    .header("content-type", "application/json")
                                                    .POST(
                                                            HttpRequest.BodyPublishers.ofString(
                                                                    body))
                                                    .build(),
                                            HttpResponse.BodyHandlers.ofString());
                            if (answer.statusCode() != 201) {
                                System.err.println(answer.body());
                            }
                        } catch (Exception e) {
                            System.err.println(e);
                        } finally {
                            free.release();
                        }
                    });
        }
        boolean complete = all.await(180, TimeUnit.SECONDS);
        long[] times =
                ready.entrySet().stream()
                        .mapToLong(e -> (e.getValue() - begun.get(e.getKey())) / 1_000_000)
                        .sorted()
                        .toArray();
        System.out.printf(
                "%d of %d ready: p50 %d ms, p99 %d ms, longest %d ms%n",
                times.length,
                count,
                times.length == 0 ? -1 : times[times.length / 2],
                times.length == 0 ? -1 : times[Math.min(times.length - 1, times.length * 99 / 100)],
                Arrays.stream(times).max().orElse(-1));
        System.exit(complete ? 0 : 1);
    }

    private static HttpRequest.Builder request(String uri, String token) {
        return HttpRequest.newBuilder(URI.create(uri)).header("authorization", "Bearer " + token);
    }

    private static SSLContext trusting() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        X509TrustManager all =
                new X509TrustManager() {
                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type) {}

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type) {}

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return new X509Certificate[0];
                    }
                };
        context.init(null, new TrustManager[] {all}, new SecureRandom());
        return context;
    }
}

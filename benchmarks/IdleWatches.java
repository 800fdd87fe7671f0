import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * What idle watches cost an API server, with their connections: bytes of heap (after a collection) and of the process,
 * and the time until one event has reached all.
 *
 * <p>usage: IdleWatches PORT TOKEN_FILE PID WATCHES STREAMS_PER_CONNECTION (1: HTTP/1.1)
 */
public class IdleWatches {

    private static final String PATH = "/api/v1/namespaces/default/configmaps";
    private static final Semaphore EVENTS = new Semaphore(0);
    private static int awaited;
    private static volatile CountDownLatch told = new CountDownLatch(0);

    public static void main(String[] arguments) throws Exception {
        String base = "https://127.0.0.1:" + arguments[0];
        String token = Files.readString(Path.of(arguments[1])).strip();
        long pid = Long.parseLong(arguments[2]);
        int watches = Integer.parseInt(arguments[3]);
        int streams = Integer.parseInt(arguments[4]);
        if (watches < 1 || watches > 20_000 || streams < 1 || streams > 100) {
            throw new IllegalArgumentException("1 to 20000 watches, 1 to 100 streams a connection");
        }
        System.setProperty("jdk.internal.httpclient.disableHostnameVerification", "true");
        List<HttpClient> clients = new ArrayList<>();
        HttpClient writer = client(2);
        write(writer, base, token, "warm-up");
        long heap = heap(pid);
        long resident = resident(pid);
        CountDownLatch open = new CountDownLatch(watches);
        for (int i = 0; i < watches; i++) {
            if (streams == 1 ? clients.isEmpty() : i % streams == 0) {
                clients.add(client(streams));
            }
            HttpRequest request =
                    request(base + PATH + "?watch=true&allowWatchBookmarks=true", token).build();
            clients.getLast()
                    .sendAsync(request, HttpResponse.BodyHandlers.fromSubscriber(new Reader()))
                    .exceptionally(e -> { e.printStackTrace(); System.exit(1); return null; });
            // the answer's head comes with the first event: the ConfigMap that is there
            if (i % 100 == 99) {
                await(i + 1);
            }
        }
        await(watches);
        System.out.printf("%d watches, %s: ", watches, streams == 1 ? "a connection each (HTTP/1.1)"
                : streams + " on a connection (HTTP/2)");
        System.out.printf("heap %.1f KiB each, process %.1f KiB each; ",
                (heap(pid) - heap) / 1024.0 / watches, (resident(pid) - resident) / 1024.0 / watches);
        List<Long> times = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            told = new CountDownLatch(watches);
            long begin = System.nanoTime();
            write(writer, base, token, "round-" + round);
            if (!told.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException(told.getCount() + " watches have not seen the event");
            }
            times.add((System.nanoTime() - begin) / 1_000_000);
        }
        times.sort(null);
        System.out.printf("one event to all: median %d ms, slowest %d ms%n", times.get(5), times.get(9));
        System.exit(0);
    }

    private static void await(int events) throws InterruptedException {
        int missing = events - awaited;
        if (!EVENTS.tryAcquire(missing, 3, TimeUnit.MINUTES)) {
            throw new IllegalStateException(missing - EVENTS.availablePermits() + " of " + events + " watches did not begin");
        }
        awaited = events;
    }

    /** Counts lines: each is an event. */
    private static final class Reader implements Flow.Subscriber<List<ByteBuffer>> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                while (buffer.hasRemaining()) {
                    if (buffer.get() == '\n') {
                        EVENTS.release();
                        told.countDown();
                    }
                }
            }
        }

        @Override
        public void onError(Throwable e) {
            System.err.println("a watch ended: " + e);
            System.exit(1);
        }

        @Override
        public void onComplete() {
            System.err.println("a watch ended");
            System.exit(1);
        }
    }

    private static void write(HttpClient client, String base, String token, String value) throws Exception {
        String body = """
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "idle"}, "data": {"v": "%s"}}
                """.formatted(value);
        HttpResponse<String> answer = client.send(
                request(base + PATH + "/idle?fieldManager=bench&force=true", token)
                        .header("Content-Type", "application/apply-patch+yaml")
                        .method("PATCH", HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() > 201) {
            throw new IllegalStateException(answer.body());
        }
    }

    private static HttpRequest.Builder request(String uri, String token) {
        return HttpRequest.newBuilder(URI.create(uri)).header("Authorization", "Bearer " + token);
    }

    private static HttpClient client(int streams) throws Exception {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
        return HttpClient.newBuilder()
                .sslContext(tls)
                .version(streams == 1 ? HttpClient.Version.HTTP_1_1 : HttpClient.Version.HTTP_2)
                .build();
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** Bytes in use after a full collection. */
    private static long heap(long pid) throws Exception {
        run("jcmd", Long.toString(pid), "GC.run");
        String histogram = run("jcmd", Long.toString(pid), "GC.class_histogram");
        String total = histogram.lines().filter(line -> line.startsWith("Total")).findFirst().orElseThrow();
        return Long.parseLong(total.strip().split("\\s+")[2]);
    }

    private static long resident(long pid) throws Exception {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    private static String run(String... command) throws Exception {
        String[] resolved = command.clone();
        resolved[0] = Path.of(System.getProperty("java.home"), "bin", command[0]).toString();
        Process process = new ProcessBuilder(resolved).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(Arrays.toString(command) + ": " + output);
        }
        return output;
    }
}

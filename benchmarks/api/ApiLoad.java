import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Loads one server that runs already and prints a row of a table for each kind of request. The client shares the
 * processors with the server: the server's own CPU time per request is the figure to compare.
 *
 * <p>usage: java ApiLoad.java coracle URL PID TOKEN-FILE | etcd URL PID -; then objects, clients, watchers, events
 */
final class ApiLoad {

    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final Pattern STAMP = Pattern.compile("\"stamp\":\"(\\d{6,})\"");

    private final String base;
    private final long pid;
    private final String token;
    private final int objects;
    private final int clients;
    private final List<HttpClient> http = new ArrayList<>();
    private final MBeanServerConnection management;

    private ApiLoad(String base, long pid, String token, int objects, int clients) throws Exception {
        this.base = base;
        this.pid = pid;
        this.token = token;
        this.objects = objects;
        this.clients = clients;
        management = token.isEmpty() ? null : management(pid);
        for (int i = 0; i < 4; i++) {
            http.add(client(token.isEmpty() ? HttpClient.Version.HTTP_1_1 : HttpClient.Version.HTTP_2));
        }
    }

    public static void main(String[] args) throws Exception {
        boolean etcd = args[0].equals("etcd");
        String token = etcd ? "" : Files.readString(Path.of(args[3])).strip();
        ApiLoad load =
                new ApiLoad(args[1], Long.parseLong(args[2]), token, Integer.parseInt(args[4]), Integer.parseInt(args[5]));
        int watchers = Integer.parseInt(args[6]);
        int events = Integer.parseInt(args[7]);
        System.out.println("| request | requests/s | p50 ms | p99 ms | server CPU us/request | allocated KiB/request |");
        System.out.println("|---|---|---|---|---|---|");
        if (etcd) {
            load.etcd(watchers, events);
        } else {
            load.coracle(watchers, events);
        }
        System.exit(0);
    }

    private void coracle(int watchers, int events) throws Exception {
        send(0, "POST", "/api/v1/namespaces/default/serviceaccounts", "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"default\"}}", "");
        for (int warm = 0; warm < 2000; warm++) {
            send(warm, "POST", PODS, pod("warm-" + warm), "");
        }
        row("create pod", objects, i -> send(i, "POST", PODS, pod("p-" + i), ""));
        row("get pod", objects * 4, i -> send(i, "GET", PODS + "/p-" + i % objects, null, ""));
        row("update pod status", objects, i -> send(i, "PUT", PODS + "/p-" + i + "/status", status("p-" + i), ""));
        row("patch pod (merge)", objects, i -> send(i, "PATCH", PODS + "/p-" + i, "{\"metadata\":{\"labels\":{\"step\":\"" + i + "\"}}}", "application/merge-patch+json"));
        row("list 500 of " + (objects + 2000) + " pods", 400, i -> send(i, "GET", PODS + "?limit=500", null, ""));
        String maps = "/api/v1/namespaces/default/configmaps";
        send(0, "POST", maps, map(0), "");
        fanOut(watchers, events, maps + "?watch=true&fieldSelector=metadata.name=stamp", null, i -> send(0, "PUT", maps + "/stamp", map(System.nanoTime()), ""));
    }

    private void etcd(int watchers, int events) throws Exception {
        for (int warm = 0; warm < 2000; warm++) {
            send(warm, "POST", "/v3/kv/put", put("warm-" + warm, pod("warm-" + warm)), "");
        }
        row("put", objects, i -> send(i, "POST", "/v3/kv/put", put("p-" + i, pod("p-" + i)), ""));
        row("get", objects * 4, i -> send(i, "POST", "/v3/kv/range", "{\"key\":\"" + base64("p-" + i % objects) + "\"}", ""));
        row("put again", objects, i -> send(i, "POST", "/v3/kv/put", put("p-" + i, pod("p-" + i)), ""));
        row("range of 500", 400, i -> send(i, "POST", "/v3/kv/range", "{\"key\":\"" + base64("p-") + "\",\"range_end\":\"" + base64("p.") + "\",\"limit\":500}", ""));
        fanOut(watchers, events, "/v3/watch", "{\"create_request\":{\"key\":\"" + base64("stamp") + "\"}}", i -> send(0, "POST", "/v3/kv/put", put("stamp", map(System.nanoTime())), ""));
    }

    private interface Step {
        void run(int number) throws Exception;
    }

    private void row(String name, int count, Step step) throws Exception {
        long[] nanos = new long[count];
        AtomicInteger next = new AtomicInteger();
        long cpu = cpuMicros();
        long allocated = allocated();
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                running.add(
                        threads.submit(
                                () -> {
                                    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                                        long start = System.nanoTime();
                                        step.run(i);
                                        nanos[i] = System.nanoTime() - start;
                                    }
                                    return null;
                                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
        long took = System.nanoTime() - begin;
        print(name, count, took, nanos, cpuMicros() - cpu, allocated() - allocated);
    }

    private void fanOut(int watchers, int events, String path, String body, Step write) throws Exception {
        HttpClient watching = client(HttpClient.Version.HTTP_1_1);
        CountDownLatch told = new CountDownLatch(watchers * events);
        Semaphore open = new Semaphore(0);
        AtomicInteger opened = new AtomicInteger();
        AtomicLongArray nanos = new AtomicLongArray(watchers * events);
        AtomicInteger at = new AtomicInteger();
        for (int i = 0; i < watchers; i++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            if (body != null) {
                request.POST(HttpRequest.BodyPublishers.ofString(body));
            }
            watching.sendAsync(request.build(), HttpResponse.BodyHandlers.fromLineSubscriber(new Lines(line -> {
                Matcher stamp = STAMP.matcher(line);
                if (line.contains("\"created\":true") || line.contains("ADDED")) {
                    opened.incrementAndGet();
                    open.release();
                } else if (stamp.find() || etcdStamp(line, stamp)) {
                    int slot = at.getAndIncrement();
                    if (slot < nanos.length()) {
                        nanos.set(slot, System.nanoTime() - Long.parseLong(stamp.group(1)));
                        told.countDown();
                    }
                }
            })));
            if (i % 50 == 49) {
                open.tryAcquire(50, 60, TimeUnit.SECONDS);
            }
        }
        open.tryAcquire(watchers % 50, 60, TimeUnit.SECONDS);
        long cpu = cpuMicros();
        long allocated = allocated();
        long begin = System.nanoTime();
        for (int i = 0; i < events; i++) {
            write.run(i);
        }
        boolean all = told.await(120, TimeUnit.SECONDS);
        long took = System.nanoTime() - begin;
        int count = (int) (nanos.length() - told.getCount());
        long[] waited = new long[count];
        for (int i = 0; i < count; i++) {
            waited[i] = nanos.get(i);
        }
        print("watch: " + events + " writes to " + opened + " watchers" + (all ? "" : " (INCOMPLETE)") + ", per event told", count, took, waited, cpuMicros() - cpu, allocated() - allocated);
    }

    private static boolean etcdStamp(String line, Matcher unused) {
        int value = line.indexOf("\"value\":\"");
        if (value < 0) {
            return false;
        }
        String text = line.substring(value + 9, line.indexOf('"', value + 9));
        unused.reset(new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8));
        return unused.find();
    }

    private record Lines(java.util.function.Consumer<String> line) implements Flow.Subscriber<String> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(String item) {
            line.accept(item);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onComplete() {}
    }

    private static void print(String name, int count, long took, long[] nanos, long cpu, long allocated) {
        Arrays.sort(nanos);
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.2f | %.2f | %.0f | %s |%n",
                name,
                count * 1e9 / took,
                nanos[nanos.length / 2] / 1e6,
                nanos[(int) (nanos.length * 0.99)] / 1e6,
                (double) cpu / count,
                allocated == 0 ? "-" : String.format(Locale.ROOT, "%.1f", allocated / 1024.0 / count));
    }

    private void send(int number, String method, String path, String body, String type) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(60));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        request.header("Content-Type", type.isEmpty() ? "application/json" : type);
        request.method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        HttpResponse<byte[]> answer = http.get(number % http.size()).send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(method + " " + path + ": " + answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
        }
    }

    private static String pod(String name) {
        return """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","labels":{"app":"web","tier":"front","pod-template-hash":"7d9f8c6b5"}},
            "spec":{"containers":[{"name":"web","image":"coracle/echo","ports":[{"containerPort":8080}],
            "env":[{"name":"A","value":"one"},{"name":"B","value":"two"},{"name":"C","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}],
            "resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"memory":"128Mi"}},
            "readinessProbe":{"httpGet":{"path":"/","port":8080},"periodSeconds":5}}],"terminationGracePeriodSeconds":5}}
            """
                .formatted(name);
    }

    private static String status(String name) {
        return """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s"},"spec":{"containers":[{"name":"web","image":"coracle/echo"}]},
            "status":{"phase":"Running","podIP":"10.244.0.9","conditions":[{"type":"Ready","status":"True"},{"type":"Initialized","status":"True"}]}}
            """
                .formatted(name);
    }

    private static String map(long stamp) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"stamp\"},\"data\":{\"stamp\":\"" + stamp + "\"}}";
    }

    private static String put(String key, String value) {
        return "{\"key\":\"" + base64(key) + "\",\"value\":\"" + base64(value) + "\"}";
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** User and system time of the server, in microseconds. */
    private long cpuMicros() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10_000;
    }

    private long allocated() throws Exception {
        return management == null
                ? 0
                : (Long) management.getAttribute(new ObjectName("java.lang:type=Threading"), "TotalThreadAllocatedBytes");
    }

    private static MBeanServerConnection management(long pid) throws Exception {
        var machine = com.sun.tools.attach.VirtualMachine.attach(String.valueOf(pid));
        try {
            return JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent())).getMBeanServerConnection();
        } finally {
            machine.detach();
        }
    }

    private static HttpClient client(HttpClient.Version version) throws Exception {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        }}, new SecureRandom());
        return HttpClient.newBuilder().version(version).sslContext(tls).build();
    }
}

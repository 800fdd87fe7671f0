import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
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
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Makes Deployments in batches and watches their pods until all are Ready.
 *
 * <p>usage: java ClusterLoad.java URL TOKEN-FILE SERVER-PID HOLLOW-PID NODES PODS BATCH MINUTES
 */
final class ClusterLoad {

    private static final int REPLICAS = 500;
    private static final Pattern NAME = Pattern.compile("\"name\":\"(load-\\d+-[a-z0-9]+-[a-z0-9]+)\"");
    private static final Pattern READY = Pattern.compile("\\{[^{}]*\"type\":\"Ready\"[^{}]*\\}");

    private static final Pattern REQUESTS = Pattern.compile("(?m)^apiserver_request_total\\{(.*)\\} ([0-9.eE+]+)$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

    private final HttpClient http;
    private final String base;
    private final String token;
    private final Map<String, Times> pods = new HashMap<>();
    private int bound;
    private int ready;
    private long lastBound;

    private static final class Times {
        private final long seen;
        private long bound;
        private long ready;

        Times(long seen) {
            this.seen = seen;
        }
    }

    private ClusterLoad(String base, String token) throws Exception {
        this.base = base;
        this.token = token;
        this.http = client();
    }

    public static void main(String[] args) throws Exception {
        ClusterLoad load = new ClusterLoad(args[0], Files.readString(Path.of(args[1])).strip());
        long server = Long.parseLong(args[2]);
        long hollow = Long.parseLong(args[3]);
        int pods = Integer.parseInt(args[5]);
        int batch = Integer.parseInt(args[6]);
        long deadline = System.nanoTime() + Duration.ofMinutes(Long.parseLong(args[7])).toNanos();
        load.send("POST", "/api/v1/namespaces", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"load\"}}");
        load.send("POST", "/api/v1/namespaces/load/serviceaccounts", "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"default\"}}");
        Thread.ofPlatform().daemon().start(load::watch);
        System.out.printf("%s nodes; %d processors%n", args[4], Runtime.getRuntime().availableProcessors());
        System.out.println("| pods | bound 1/s | create to Ready p50, p99 s | to bound p50, p99 s | server CPU ms/pod | nodes' CPU ms/pod | server RSS MiB | nodes' RSS MiB |");
        System.out.println("|---|---|---|---|---|---|---|---|");
        for (int total = 0; total < pods && System.nanoTime() < deadline; total += batch) {
            load.batch(total, Math.min(batch, pods - total), server, hollow, deadline);
        }
        load.requests();
        System.exit(0);
    }

    private void batch(int before, int count, long server, long hollow, long deadline) throws Exception {
        double serverCpu = cpuMillis(server);
        double hollowCpu = cpuMillis(hollow);
        long begin = System.nanoTime();
        for (int i = 0; i < count; i += REPLICAS) {
            String name = "load-" + (before + i);
            int replicas = Math.min(REPLICAS, count - i);
            send("POST", "/apis/apps/v1/namespaces/load/deployments", deployment(name, replicas));
        }
        synchronized (this) {
            while (ready < before + count && System.nanoTime() < deadline) {
                wait(1000);
            }
        }
        double spent = cpuMillis(server) - serverCpu;
        double nodes = cpuMillis(hollow) - hollowCpu;
        synchronized (this) {
            double[] toReady = sorted(begin, true);
            double[] toBound = sorted(begin, false);
            if (ready < before + count) {
                System.out.printf("out of time: %d of %d pods seen, %d bound, %d Ready%n", pods.size(), before + count, bound, ready);
            }
            System.out.printf(
                    "| %d | %.0f | %.1f, %.1f | %.1f, %.1f | %.2f | %.2f | %d | %d |%n",
                    before + count,
                    (bound - before) / ((lastBound - begin) / 1e9),
                    at(toReady, 0.5), at(toReady, 0.99), at(toBound, 0.5), at(toBound, 0.99),
                    spent / count, nodes / count, residentMiB(server), residentMiB(hollow));
        }
    }

    /** What the API server was asked for, as far as it is more than one request in a hundred per pod. */
    private void requests() throws Exception {
        Map<String, Double> counts = new TreeMap<>();
        String text = http.send(request("/metrics").build(), HttpResponse.BodyHandlers.ofString()).body();
        Matcher each = REQUESTS.matcher(text);
        while (each.find()) {
            Map<String, String> labels = new HashMap<>();
            LABEL.matcher(each.group(1)).results().forEach(l -> labels.put(l.group(1), l.group(2)));
            String sub = labels.get("subresource").isEmpty() ? "" : "/" + labels.get("subresource");
            String what = labels.get("verb") + " " + labels.get("resource") + sub + " " + labels.get("code");
            counts.merge(what, Double.parseDouble(each.group(2)), Double::sum);
        }
        System.out.println("requests per pod:");
        counts.entrySet().stream()
                .filter(entry -> entry.getValue() / bound > 0.01)
                .forEach(entry -> System.out.printf("  %.2f %s%n", entry.getValue() / bound, entry.getKey()));
    }

    private double[] sorted(long begin, boolean untilReady) {
        return pods.values().stream()
                .filter(p -> p.seen >= begin && (untilReady ? p.ready : p.bound) > 0)
                .mapToDouble(p -> ((untilReady ? p.ready : p.bound) - p.seen) / 1e9)
                .sorted()
                .toArray();
    }

    private static double at(double[] sorted, double part) {
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.min(sorted.length - 1, sorted.length * part)];
    }

    private void watch() {
        try {
            HttpResponse<InputStream> answer =
                    http.send(
                            request("/api/v1/namespaces/load/pods?watch=true&resourceVersion=0").build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    note(line, System.nanoTime());
                }
            }
            System.out.println("cluster-load: the watch ended");
        } catch (IOException | InterruptedException e) {
            System.out.println("cluster-load: " + e);
        }
        System.exit(1);
    }

    private synchronized void note(String line, long now) {
        Matcher name = NAME.matcher(line);
        if (!name.find()) {
            throw new IllegalStateException(line);
        }
        Times times = pods.computeIfAbsent(name.group(1), _ -> new Times(now));
        if (times.bound == 0 && line.contains("\"nodeName\":\"")) {
            times.bound = now;
            lastBound = now;
            bound++;
        }
        if (times.ready == 0) {
            Matcher condition = READY.matcher(line);
            if (condition.find() && condition.group().contains("\"status\":\"True\"")) {
                times.ready = now;
                ready++;
                notifyAll();
            }
        }
    }

    private static String deployment(String name, int replicas) {
        return """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"%1$s"},"spec":{"replicas":%2$d,
            "strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":"100%%"}},
            "selector":{"matchLabels":{"app":"%1$s"}},"template":{"metadata":{"labels":{"app":"%1$s"}},"spec":{
            "automountServiceAccountToken":false,"enableServiceLinks":false,
            "containers":[{"name":"main","image":"coracle/host","command":["sleep"],"resources":{"requests":{"cpu":"10m","memory":"10Mi"}}}]}}}}"""
                .formatted(name, replicas);
    }

    private void send(String method, String path, String body) throws Exception {
        HttpResponse<String> answer =
                http.send(
                        request(path)
                                .method(method, HttpRequest.BodyPublishers.ofString(body))
                                .header("Content-Type", "application/json")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300 && answer.statusCode() != 409) {
            throw new IOException(answer.statusCode() + " " + answer.body());
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).header("Authorization", "Bearer " + token);
    }

    private static double cpuMillis(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10.0;
    }

    private static long residentMiB(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(0);
    }

    private static HttpClient client() throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(
                null,
                new TrustManager[] {
                    new X509TrustManager() {
                        @Override
                        public void checkClientTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public void checkServerTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public X509Certificate[] getAcceptedIssuers() {
                            return new X509Certificate[0];
                        }
                    }
                },
                new SecureRandom());
        return HttpClient.newBuilder().sslContext(trusting).build();
    }
}

package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Chromium without a head, with one page, driven through its DevTools protocol: real scripts, real
 * keys. Confined to the test that opens it.
 */
final class Browser implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Answers answers = new Answers();
    private final WebSocket socket;
    private final AtomicInteger number = new AtomicInteger();

    private Browser(Process process, Path profile) {
        this.process = process;
        this.socket =
                http.newWebSocketBuilder()
                        .buildAsync(URI.create(page(profile)), answers)
                        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .join();
        send("Runtime.enable", Map.of());
        send("Log.enable", Map.of());
        send("Page.enable", Map.of());
    }

    /** Starts it, with an empty page. */
    static Browser start() {
        Path profile = Cluster.newDirectory();
        try {
            Process process =
                    new ProcessBuilder(
                                    "chromium",
                                    "--headless",
                                    "--no-sandbox",
                                    "--disable-gpu",
                                    "--disable-background-networking",
                                    "--no-first-run",
                                    "--ignore-certificate-errors",
                                    "--remote-debugging-port=0",
                                    "--user-data-dir=" + profile,
                                    "about:blank")
                            .redirectErrorStream(true)
                            .redirectOutput(profile.resolve("chromium.log").toFile())
                            .start();
            boolean isDriven = false;
            try {
                Browser browser = new Browser(process, profile);
                isDriven = true;
                return browser;
            } finally {
                if (!isDriven) {
                    end(process);
                }
            }
        } catch (IOException e) {
            throw new AssertionError("chromium: " + e.getMessage(), e);
        }
    }

    /** Where the page is driven; the browser says in a file where it listens. */
    private String page(Path profile) {
        Path file = profile.resolve("DevToolsActivePort");
        AtomicReference<String> found = new AtomicReference<>("");
        Await.until(
                PATIENCE,
                () -> {
                    assertThat(file).isNotEmptyFile();
                    String port = Files.readAllLines(file).getFirst();
                    JsonNode targets =
                            JsonMapper.shared()
                                    .readTree(
                                            Http.get("http://127.0.0.1:" + port + "/json/list")
                                                    .orFail());
                    for (JsonNode target : targets) {
                        if (target.path("type").asString("").equals("page")) {
                            found.set(target.path("webSocketDebuggerUrl").asString(""));
                        }
                    }
                    assertThat(found.get()).isNotEmpty();
                });
        return found.get();
    }

    /** Goes to an address; what is there comes later. */
    void open(String url) {
        send("Page.navigate", Map.of("url", url));
    }

    /** The value of an expression of JavaScript; a promise's is waited for. */
    JsonNode evaluate(String expression) {
        JsonNode answer =
                send(
                        "Runtime.evaluate",
                        Map.of(
                                "expression",
                                expression,
                                "awaitPromise",
                                true,
                                "returnByValue",
                                true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression + "\n" + answer.path("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    /** What a reader sees of an element; empty when it is hidden or not there. */
    String text(String selector) {
        return evaluate(
                        """
                        (() => {
                          const found = document.querySelector('%s');
                          return found && found.checkVisibility() ? found.innerText : '';
                        })()
                        """
                                .formatted(selector))
                .asString("");
    }

    /** Types into the element that has the focus. */
    void type(String text) {
        send("Input.insertText", Map.of("text", text));
    }

    /** Presses and releases Enter. */
    void enter() {
        Map<String, Object> key =
                Map.of("key", "Enter", "code", "Enter", "windowsVirtualKeyCode", 13);
        send("Input.dispatchKeyEvent", with(key, Map.of("type", "keyDown", "text", "\r")));
        send("Input.dispatchKeyEvent", with(key, Map.of("type", "keyUp")));
    }

    private static Map<String, Object> with(Map<String, Object> some, Map<String, Object> more) {
        Map<String, Object> all = new ConcurrentHashMap<>(some);
        all.putAll(more);
        return all;
    }

    /** Exceptions that no script caught, and what the page's policy has forbidden. */
    List<String> problems() {
        return List.copyOf(answers.problems);
    }

    /** A picture of the page, as PNG, for who wants to look. */
    void picture(Path file, int width, int height) throws IOException {
        send(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        Files.write(
                file,
                Base64.getDecoder()
                        .decode(
                                send("Page.captureScreenshot", Map.of())
                                        .path("data")
                                        .asString("")));
    }

    private JsonNode send(String method, Map<String, ?> parameters) {
        int id = number.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.waiting.put(id, answer);
        socket.sendText(
                        JsonMapper.shared()
                                .writeValueAsString(
                                        Map.of("id", id, "method", method, "params", parameters)),
                        true)
                .join();
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(method + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        socket.abort();
        http.close();
        end(process);
    }

    /** With the processes that it has started. */
    private static void end(Process process) {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
    }

    /** Gives each answer to who waits for it. */
    private static final class Answers implements WebSocket.Listener {

        private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
        private final List<String> problems = new CopyOnWriteArrayList<>();
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                take(JsonMapper.shared().readTree(text.toString()));
                text.setLength(0);
            }
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        private void take(JsonNode message) {
            String method = message.path("method").asString("");
            JsonNode entry = message.path("params").path("entry");
            if (method.equals("Runtime.exceptionThrown")
                    || entry.path("source").asString("").equals("security")) {
                problems.add(message.path("params").toString());
            }
            CompletableFuture<JsonNode> answer = waiting.remove(message.path("id").asInt(0));
            if (answer == null) {
                return;
            }
            if (message.has("error")) {
                answer.completeExceptionally(new AssertionError(message.path("error").toString()));
            } else {
                answer.complete(message.path("result"));
            }
        }
    }
}

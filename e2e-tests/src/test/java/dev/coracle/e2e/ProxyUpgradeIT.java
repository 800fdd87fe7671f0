package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Upgrades through the proxy subresources: a WebSocket of the JDK's client, and a protocol of one's
 * own by HTTP/1.1, to a backend of this test that says what it was asked.
 */
class ProxyUpgradeIT {

    private static final String ADDRESS = "127.244.9.9";
    private static final ApiServer SERVER =
            ApiServer.start("coracle.apiserver.pods-on-loopback=true");
    private static final Backend BACKEND = Backend.open();

    @BeforeAll
    static void makeThePodAndTheService() throws IOException {
        try (ApiClient client = SERVER.client()) {
            String base = "/api/v1/namespaces/default";
            String _ =
                    client.send(
                            "POST",
                            base + "/pods",
                            """
                            {"metadata": {"name": "backend"}, "spec": {"nodeName": "none",
                            "containers": [{"name": "c", "image": "i",
                            "ports": [{"containerPort": %d}]}]}}
                            """
                                    .formatted(BACKEND.port()));
            var answer =
                    client.exchange(
                            "PATCH",
                            base + "/pods/backend/status",
                            Map.of("Content-Type", "application/merge-patch+json"),
                            "{\"status\":{\"podIP\":\"%s\",\"podIPs\":[{\"ip\":\"%<s\"}]}}"
                                    .formatted(ADDRESS)
                                    .getBytes(StandardCharsets.UTF_8));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            String _ =
                    client.send(
                            "POST",
                            base + "/services",
                            """
                            {"metadata": {"name": "backend"},
                            "spec": {"ports": [{"name": "web", "port": 80}]}}
                            """);
            String _ =
                    client.send(
                            "POST",
                            base + "/endpoints",
                            """
                            {"metadata": {"name": "backend"}, "subsets": [{"addresses":
                            [{"ip": "%s"}], "ports": [{"name": "web", "port": %d}]}]}
                            """
                                    .formatted(ADDRESS, BACKEND.port()));
        }
    }

    @AfterAll
    static void stop() throws IOException {
        BACKEND.close();
        SERVER.stop();
    }

    static String path(String kind) {
        return "/api/v1/namespaces/default/"
                + (kind.equals("pod") ? "pods/backend:" + BACKEND.port() : "services/backend:web")
                + "/proxy";
    }

    @ParameterizedTest
    @ValueSource(strings = {"pod", "service"})
    void carriesAWebSocket(String kind) throws Exception {
        Messages messages = new Messages();
        try (HttpClient client = HttpClient.newBuilder().sslContext(trust()).build()) {
            WebSocket socket =
                    client.newWebSocketBuilder()
                            .header("Authorization", "Bearer " + token())
                            .subprotocols("chat")
                            .buildAsync(uri(path(kind) + "/room/1?name=a%20b"), messages)
                            .join();
            assertThat(socket.getSubprotocol()).isEqualTo("chat");
            assertThat(messages.next()).isEqualTo("you asked for /room/1?name=a%20b");
            String much = "x".repeat(70_000);
            WebSocket _ = socket.sendText("hello", true).join();
            assertThat(messages.next()).isEqualTo("hello");
            WebSocket _ = socket.sendText(much, true).join();
            assertThat(messages.next()).isEqualTo(much);
            WebSocket _ = socket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();
            assertThat(messages.next()).isEqualTo("closed 1000");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pod", "service"})
    void carriesAProtocolOfOnesOwn(String kind) throws Exception {
        try (SSLSocket socket = dial()) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    head(
                            "GET " + path(kind) + "/raw HTTP/1.1",
                            "Authorization: Bearer " + token(),
                            "Connection: Upgrade",
                            "Upgrade: shouting"));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            Map<String, String> answer = Backend.head(in);
            assertThat(answer.get("")).startsWith("HTTP/1.1 101");
            assertThat(answer).containsEntry("upgrade", "shouting");
            out.write("quietly\n".getBytes(StandardCharsets.UTF_8));
            assertThat(Backend.line(in)).isEqualTo("QUIETLY");
            socket.shutdownOutput();
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void passesOnTheRefusalOfABackend() throws Exception {
        try (HttpClient client = HttpClient.newBuilder().sslContext(trust()).build()) {
            var connecting =
                    client.newWebSocketBuilder()
                            .header("Authorization", "Bearer " + token())
                            .buildAsync(uri(path("pod") + "/refuse"), new Messages());
            try {
                WebSocket _ = connecting.join();
                throw new AssertionError("the backend refused, and there is a connection");
            } catch (CompletionException e) {
                assertThat(e.getCause())
                        .isInstanceOfSatisfying(
                                WebSocketHandshakeException.class,
                                refused ->
                                        assertThat(refused.getResponse().statusCode())
                                                .isEqualTo(418));
            }
        }
    }

    @Test
    void asksWhoItIsFirst() throws Exception {
        try (SSLSocket socket = dial()) {
            socket.getOutputStream()
                    .write(
                            head(
                                    "GET " + path("pod") + "/raw HTTP/1.1",
                                    "Connection: Upgrade",
                                    "Upgrade: shouting"));
            assertThat(Backend.head(socket.getInputStream()).get("")).startsWith("HTTP/1.1 401");
        }
    }

    private static byte[] head(String... lines) {
        return (String.join("\r\n", lines) + "\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static URI uri(String path) {
        return URI.create("wss://127.0.0.1:" + SERVER.port() + path);
    }

    private static SSLSocket dial() throws Exception {
        SSLSocket socket =
                (SSLSocket) trust().getSocketFactory().createSocket("127.0.0.1", SERVER.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static SSLContext trust() throws Exception {
        return ApiClient.trust(SERVER.data());
    }

    private static String token() throws IOException {
        return Files.readString(SERVER.data().resolve("pki/admin.token")).strip();
    }

    /** What came, in order. */
    private static final class Messages implements WebSocket.Listener {
        private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
        private final StringBuilder part = new StringBuilder();

        String next() throws InterruptedException {
            String next = received.poll(20, TimeUnit.SECONDS);
            return next == null ? "nothing in 20 s" : next;
        }

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket socket, CharSequence text, boolean last) {
            part.append(text);
            if (last) {
                received.add(part.toString());
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            received.add("closed " + code);
            return null;
        }
    }

    /** Echoes WebSocket messages, and shouts back lines. */
    private record Backend(ServerSocket listener) {

        static Backend open() {
            try {
                ServerSocket listener = new ServerSocket();
                listener.bind(new InetSocketAddress(InetAddress.ofLiteral(ADDRESS), 0));
                Backend backend = new Backend(listener);
                Thread _ = Thread.ofVirtual().start(backend::accept);
                return backend;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        int port() {
            return listener.getLocalPort();
        }

        void close() throws IOException {
            listener.close();
        }

        private void accept() {
            try {
                while (true) {
                    Socket client = listener.accept();
                    Thread _ = Thread.ofVirtual().start(() -> serve(client));
                }
            } catch (IOException _) {
                // the end of the test
            }
        }

        private static void serve(Socket client) {
            try (client) {
                DataInputStream in =
                        new DataInputStream(new BufferedInputStream(client.getInputStream()));
                OutputStream out = client.getOutputStream();
                Map<String, String> head = head(in);
                String uri = head.getOrDefault("", "").split(" ", -1)[1];
                if (uri.equals("/refuse")) {
                    out.write(
                            "HTTP/1.1 418 Teapot\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes(StandardCharsets.UTF_8));
                } else if ("shouting".equals(head.get("upgrade"))) {
                    out.write(
                            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shouting\r\n\r\n"
                                    .getBytes(StandardCharsets.UTF_8));
                    String line = line(in);
                    out.write(
                            (line.toUpperCase(Locale.ROOT) + "\n")
                                    .getBytes(StandardCharsets.UTF_8));
                    int _ = in.read();
                } else {
                    out.write(
                            ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade:"
                                            + " websocket\r\nSec-WebSocket-Protocol: chat\r\n"
                                            + "Sec-WebSocket-Accept: "
                                            + accept(head.getOrDefault("sec-websocket-key", ""))
                                            + "\r\n\r\n")
                                    .getBytes(StandardCharsets.UTF_8));
                    write(out, 1, ("you asked for " + uri).getBytes(StandardCharsets.UTF_8));
                    echo(in, out);
                }
            } catch (IOException | NoSuchAlgorithmException _) {
                // the client sees it end
            }
        }

        /** The first line under the empty name, and the headers in lower case. */
        static Map<String, String> head(InputStream in) throws IOException {
            Map<String, String> head = new TreeMap<>();
            head.put("", line(in));
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                head.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            return head;
        }

        static String line(InputStream in) throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c != '\n' && c >= 0; c = in.read()) {
                line.append((char) c);
            }
            return line.toString().stripTrailing();
        }

        private static String accept(String key) throws NoSuchAlgorithmException {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1")
                            .digest(
                                    (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                                            .getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        }

        /** Frames as they come, without their masks (RFC 6455, section 5.2). */
        private static void echo(DataInputStream in, OutputStream out) throws IOException {
            while (true) {
                int first = in.readUnsignedByte();
                int length = in.readUnsignedByte() & 0x7f;
                if (length == 126) {
                    length = in.readUnsignedShort();
                } else if (length == 127) {
                    length = (int) in.readLong();
                }
                byte[] mask = in.readNBytes(4);
                byte[] payload = in.readNBytes(length);
                for (int i = 0; i < payload.length; i++) {
                    payload[i] ^= mask[i % 4];
                }
                write(out, first & 0x0f, (first & 0x80) != 0, payload);
                if ((first & 0x0f) == 8) {
                    return;
                }
            }
        }

        private static void write(OutputStream out, int opcode, byte[] payload) throws IOException {
            write(out, opcode, true, payload);
        }

        private static void write(OutputStream out, int opcode, boolean last, byte[] payload)
                throws IOException {
            var frame = new java.io.ByteArrayOutputStream();
            var writer = new java.io.DataOutputStream(frame);
            writer.writeByte((last ? 0x80 : 0) | opcode);
            if (payload.length < 126) {
                writer.writeByte(payload.length);
            } else if (payload.length < 65_536) {
                writer.writeByte(126);
                writer.writeShort(payload.length);
            } else {
                writer.writeByte(127);
                writer.writeLong(payload.length);
            }
            writer.write(payload);
            out.write(frame.toByteArray());
        }
    }
}

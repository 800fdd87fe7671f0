package dev.coracle.nodeagent.echo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One TCP connection: HTTP/1.1 if it begins with a request, otherwise its bytes come back. */
final class Connection implements Runnable {

    private static final String[] METHODS = {
        "GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "PATCH ", "OPTIONS ", "TRACE "
    };
    private static final int IDLE_MILLIS = 75_000;

    private final Socket socket;
    private final EchoMain echo;

    Connection(Socket socket, EchoMain echo) {
        this.socket = socket;
        this.echo = echo;
    }

    @Override
    public void run() {
        try (Socket closing = socket) {
            closing.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(closing.getInputStream(), 8192);
            OutputStream out = closing.getOutputStream();
            if (beginsWithMethod(in)) {
                closing.setSoTimeout(IDLE_MILLIS);
                serve(in, out);
            } else {
                byte[] buffer = new byte[8192];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    out.write(buffer, 0, n);
                }
            }
        } catch (IOException _) {
            // the client has gone
        }
    }

    /** Reads no further than needed to tell, and leaves the stream at its start. */
    private static boolean beginsWithMethod(InputStream in) throws IOException {
        in.mark(16);
        StringBuilder seen = new StringBuilder();
        try {
            while (seen.length() < 8) {
                int next = in.read();
                if (next < 0) {
                    return false;
                }
                seen.append((char) next);
                boolean possible = false;
                for (String method : METHODS) {
                    if (method.contentEquals(seen)) {
                        return true;
                    }
                    possible |= method.startsWith(seen.toString());
                }
                if (!possible) {
                    return false;
                }
            }
            return false;
        } finally {
            in.reset();
        }
    }

    private void serve(InputStream in, OutputStream out) throws IOException {
        boolean open = true;
        while (open) {
            Request request = Request.read(in, out);
            if (request == null) {
                return;
            }
            echo.inFlight.incrementAndGet();
            try {
                open = answer(request, out);
            } finally {
                echo.inFlight.decrementAndGet();
            }
        }
    }

    /** Returns whether the connection stays open. */
    private boolean answer(Request request, OutputStream out) throws IOException {
        String path = request.path();
        int status = 200;
        if (path.startsWith("/status/")) {
            status = integer(path.substring(8), 400);
        } else if (path.equals("/slow")) {
            pause(integer(request.parameter("ms"), 1000));
        } else if (path.equals("/unready")) {
            echo.unready(integer(request.parameter("ms"), Integer.MAX_VALUE));
        } else if (path.equals("/ready")) {
            echo.unready(0);
        } else if (path.equals("/readyz") && !echo.isReady()) {
            status = 503;
        }
        boolean exits = path.equals("/exit");
        boolean open = !exits && !request.wantsClose() && !echo.draining.get();
        boolean json = request.header("accept").contains("application/json");
        String body;
        if (path.equals("/healthz") || path.equals("/readyz")) {
            body = status == 200 ? "ok\n" : "not ready\n";
        } else if (json) {
            body = Answer.json(request, socket);
        } else {
            body = Answer.text(request, socket);
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        boolean bodiless = status == 204 || status == 304 || status < 200;
        StringBuilder head = new StringBuilder(200);
        head.append("HTTP/1.1 ").append(status).append(' ').append(reason(status)).append("\r\n");
        head.append("Content-Type: ");
        head.append(json ? "application/json" : "text/plain; charset=utf-8").append("\r\n");
        if (!bodiless) {
            head.append("Content-Length: ").append(bytes.length).append("\r\n");
        }
        head.append("Connection: ").append(open ? "keep-alive" : "close").append("\r\n\r\n");
        byte[] first = head.toString().getBytes(StandardCharsets.ISO_8859_1);
        boolean withBody = !bodiless && !request.method().equals("HEAD");
        byte[] whole = new byte[first.length + (withBody ? bytes.length : 0)];
        System.arraycopy(first, 0, whole, 0, first.length);
        if (withBody) {
            System.arraycopy(bytes, 0, whole, first.length, bytes.length);
        }
        out.write(whole);
        out.flush();
        if (exits) {
            Runtime.getRuntime().halt(integer(request.parameter("code"), 0));
        }
        return open;
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 204 -> "No Content";
            case 404 -> "Not Found";
            case 500 -> "Internal Server Error";
            case 503 -> "Service Unavailable";
            default -> "Status";
        };
    }

    private static int integer(@Nullable String text, int otherwise) {
        if (text == null || text.isEmpty() || text.length() > 6) {
            return otherwise;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return otherwise;
            }
        }
        return Integer.parseInt(text);
    }

    private static void pause(int millis) throws IOException {
        Object never = new Object();
        long end = System.nanoTime() + millis * 1_000_000L;
        try {
            synchronized (never) {
                for (long left = millis; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                    never.wait(left);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}

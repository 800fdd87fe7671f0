package dev.coracle.nodeagent.echo;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 request, its body read and counted.
 *
 * @param headers name and value in turn, as received
 */
record Request(String method, String target, String version, List<String> headers, long bodyBytes) {

    private static final int LONGEST_LINE = 64 * 1024;

    /** The next request of the stream, null at its end. */
    static @Nullable Request read(InputStream in, OutputStream out) throws IOException {
        String start = line(in);
        if (start == null) {
            return null;
        }
        int first = start.indexOf(' ');
        int last = start.lastIndexOf(' ');
        if (first < 0 || last <= first) {
            throw new IOException("not a request line");
        }
        List<String> headers = new ArrayList<>();
        for (String next = line(in); next != null && !next.isEmpty(); next = line(in)) {
            int colon = next.indexOf(':');
            if (colon > 0) {
                headers.add(next.substring(0, colon));
                headers.add(next.substring(colon + 1).strip());
            }
        }
        Request request =
                new Request(
                        start.substring(0, first),
                        start.substring(first + 1, last),
                        start.substring(last + 1),
                        headers,
                        0);
        if (request.header("expect").equalsIgnoreCase("100-continue")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
        }
        return new Request(
                request.method, request.target, request.version, headers, request.skipBody(in));
    }

    String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** A query parameter, null if absent. */
    @Nullable String parameter(String name) {
        int query = target.indexOf('?');
        int at = query < 0 ? -1 : target.indexOf(name + "=", query);
        if (at < 0) {
            return null;
        }
        int end = target.indexOf('&', at);
        return target.substring(at + name.length() + 1, end < 0 ? target.length() : end);
    }

    /** A header's value in lower-case name, empty if absent. */
    String header(String name) {
        for (int i = 0; i < headers.size(); i += 2) {
            if (headers.get(i).equalsIgnoreCase(name)) {
                return headers.get(i + 1);
            }
        }
        return "";
    }

    boolean wantsClose() {
        String connection = header("connection").toLowerCase(Locale.ROOT);
        return version.equals("HTTP/1.0")
                ? !connection.contains("keep-alive")
                : connection.contains("close");
    }

    private long skipBody(InputStream in) throws IOException {
        if (header("transfer-encoding").equalsIgnoreCase("chunked")) {
            long total = 0;
            while (true) {
                String size = line(in);
                if (size == null) {
                    throw new EOFException();
                }
                int end = size.indexOf(';');
                long length = Long.parseLong((end < 0 ? size : size.substring(0, end)).strip(), 16);
                if (length == 0) {
                    for (String rest = line(in); rest != null && !rest.isEmpty(); ) {
                        rest = line(in);
                    }
                    return total;
                }
                in.skipNBytes(length);
                total += length;
                String unused = line(in);
                if (unused == null) {
                    throw new EOFException();
                }
            }
        }
        String length = header("content-length");
        if (length.isEmpty()) {
            return 0;
        }
        long bytes = Long.parseLong(length);
        in.skipNBytes(bytes);
        return bytes;
    }

    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder(80);
        while (true) {
            int next = in.read();
            if (next < 0) {
                return line.isEmpty() ? null : line.toString();
            }
            if (next == '\n') {
                int length = line.length();
                if (length > 0 && line.charAt(length - 1) == '\r') {
                    line.setLength(length - 1);
                }
                return line.toString();
            }
            if (line.length() >= LONGEST_LINE) {
                throw new IOException("line too long");
            }
            line.append((char) next);
        }
    }
}

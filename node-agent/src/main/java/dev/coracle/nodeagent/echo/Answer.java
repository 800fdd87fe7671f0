package dev.coracle.nodeagent.echo;

import java.net.Socket;
import java.util.List;

/** Who answered and what was asked, as lines or as JSON. */
final class Answer {

    private static final String[][] FACTS = {
        {"pod", "CORACLE_POD_NAME"},
        {"namespace", "CORACLE_POD_NAMESPACE"},
        {"node", "CORACLE_NODE_NAME"},
        {"podIP", "CORACLE_POD_IP"},
    };

    private Answer() {}

    static String text(Request request, Socket socket) {
        StringBuilder text = new StringBuilder(512);
        for (String[] fact : FACTS) {
            line(text, fact[0], environment(fact[1]));
        }
        line(text, "source", source(socket));
        line(text, "method", request.method());
        line(text, "path", request.target());
        line(text, "bodyBytes", Long.toString(request.bodyBytes()));
        List<String> headers = request.headers();
        for (int i = 0; i < headers.size(); i += 2) {
            text.append("header ");
            line(text, headers.get(i), headers.get(i + 1));
        }
        return text.toString();
    }

    static String json(Request request, Socket socket) {
        StringBuilder json = new StringBuilder(512).append('{');
        for (String[] fact : FACTS) {
            member(json, fact[0], environment(fact[1])).append(',');
        }
        member(json, "source", source(socket)).append(',');
        member(json, "method", request.method()).append(',');
        member(json, "path", request.target()).append(',');
        quote(json, "bodyBytes").append(':').append(request.bodyBytes()).append(',');
        quote(json, "headers").append(":{");
        List<String> headers = request.headers();
        for (int i = 0; i < headers.size(); i += 2) {
            if (i > 0) {
                json.append(',');
            }
            member(json, headers.get(i), headers.get(i + 1));
        }
        return json.append("}}\n").toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(name).append(": ").append(value).append('\n');
    }

    private static StringBuilder member(StringBuilder json, String name, String value) {
        quote(json, name).append(':');
        return quote(json, value);
    }

    private static StringBuilder quote(StringBuilder json, String value) {
        json.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append("\\u00").append(c < 16 ? "0" : "").append(Integer.toHexString(c));
            } else {
                json.append(c);
            }
        }
        return json.append('"');
    }

    private static String environment(String name) {
        String value = System.getenv(name);
        return value == null ? "" : value;
    }

    private static String source(Socket socket) {
        return socket.getInetAddress().getHostAddress() + ":" + socket.getPort();
    }
}

package dev.coracle.e2e;

import java.util.Map;
import java.util.TreeMap;

/** curl. */
final class Http {

    private Http() {}

    /** The answer to a GET; a failed connection has a non-zero exit code. */
    static Shell.Result get(String url, String... options) {
        String[] command = new String[options.length + 6];
        System.arraycopy(
                new String[] {"curl", "-sS", "--fail", "--max-time", "10", url}, 0, command, 0, 6);
        System.arraycopy(options, 0, command, 6, options.length);
        return Shell.run(command);
    }

    /** The pod that coracle/echo says it is. */
    static String pod(String answer) {
        return answer.lines()
                .filter(line -> line.startsWith("pod: "))
                .map(line -> line.substring(5))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no pod in: " + answer));
    }

    /** How many of {@code count} requests each pod answered; every one must be answered. */
    static Map<String, Integer> spread(int count, String url, String... options) {
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            answers.merge(pod(get(url, options).orFail()), 1, Integer::sum);
        }
        return answers;
    }
}

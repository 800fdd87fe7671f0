package dev.coracle.nodeagent.runtime;

import java.util.List;
import java.util.stream.Stream;

/**
 * The command line of a run: a shell in a session of its own that starts the container, waits for
 * it and writes its exit code down. Pure.
 */
final class RunStart {

    // $1 is the file of the exit code; a file that is there is a whole one
    private static final String WAIT =
            """
            f=$1; shift
            "$@"
            c=$?
            echo $c >"$f"
            """;
    // $1 exit code, $2 pipe, $3 pid of what keeps it from ending, $4 sleep
    private static final String WAIT_WITH_INPUT =
            """
            f=$1; p=$2; h=$3; s=$4; shift 4
            exec 3<>"$p"
            "$s" infinity </dev/null >/dev/null 2>&1 &
            k=$!
            echo $k >"$h"
            exec <"$p" 3>&-
            "$@"
            c=$?
            kill $k 2>/dev/null
            echo $c >"$f"
            """;

    private RunStart() {}

    static List<String> of(
            HostTools tools,
            RunFolder folder,
            ContainerSpec.Console console,
            List<String> container) {
        // whoever started the agent may have made it ignore signals, which children inherit
        List<String> shell =
                List.of(tools.env(), "--default-signal", tools.setsid(), tools.shell(), "-c");
        if (!console.stdin() && !console.tty()) {
            return joined(shell, List.of(WAIT, "sh", folder.exit().toString()), container);
        }
        List<String> input =
                List.of(
                        WAIT_WITH_INPUT,
                        "sh",
                        folder.exit().toString(),
                        folder.stdin().toString(),
                        folder.holder().toString(),
                        tools.sleep());
        return joined(shell, input, console.tty() ? inTerminal(tools, container) : container);
    }

    /** {@code script} has a shell, named by a variable that is the container's, run a text. */
    private static List<String> inTerminal(HostTools tools, List<String> container) {
        StringBuilder text = new StringBuilder("exec");
        container.forEach(word -> text.append(' ').append(LaunchScript.quote(word)));
        return List.of(
                tools.shell(),
                "-c",
                """
                if [ "${SHELL+set}" ]; then CORACLE_SHELL=$SHELL; export CORACLE_SHELL; fi
                SHELL=$1 exec "$2" -qefc "$3" /dev/null
                """,
                "sh",
                tools.shell(),
                tools.script(),
                """
                if [ "${CORACLE_SHELL+set}" ]; then SHELL=$CORACLE_SHELL; unset CORACLE_SHELL
                else unset SHELL; fi
                """
                        + text);
    }

    private static List<String> joined(
            List<String> shell, List<String> arguments, List<String> container) {
        return Stream.of(shell, arguments, container).flatMap(List::stream).toList();
    }
}

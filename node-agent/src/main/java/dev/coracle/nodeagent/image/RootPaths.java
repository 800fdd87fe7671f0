package dev.coracle.nodeagent.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Paths of a container, followed as the container would: a link in its root file system leads to a
 * place in that, never to one of the node.
 */
public final class RootPaths {

    private static final int MOST_LINKS = 40;

    private final Path root;

    /**
     * Paths below a root.
     *
     * @param root where the file system that the container sees can be read on the node
     */
    public RootPaths(Path root) {
        this.root = root;
    }

    /** The absolute path without links; what does not exist is left as it is. */
    public String resolve(String path) throws IOException {
        Deque<String> left = new ArrayDeque<>();
        push(left, path);
        Deque<String> done = new ArrayDeque<>();
        int links = 0;
        while (!left.isEmpty()) {
            String name = left.pop();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                String _ = done.pollLast();
                continue;
            }
            done.addLast(name);
            Path here = root.resolve(String.join("/", done));
            if (Files.isSymbolicLink(here)) {
                if (++links > MOST_LINKS) {
                    throw new IOException("too many levels of symbolic links: " + path);
                }
                String target = Files.readSymbolicLink(here).toString();
                String _ = done.removeLast();
                if (target.startsWith("/")) {
                    done.clear();
                }
                push(left, target);
            }
        }
        return "/" + String.join("/", done);
    }

    private static void push(Deque<String> left, String path) {
        String[] names = path.split("/", -1);
        for (int i = names.length - 1; i >= 0; i--) {
            left.push(names[i]);
        }
    }
}

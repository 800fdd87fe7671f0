package dev.coracle.gateway.route;

import java.util.Arrays;
import java.util.List;

/** Which paths a route is for. Exact beats any prefix, a longer prefix a shorter one. */
public sealed interface PathMatcher {

    boolean matches(String path);

    int rank();

    /** The same path, letter by letter. */
    record Exact(String path) implements PathMatcher {
        @Override
        public boolean matches(String other) {
            return path.equals(other);
        }

        @Override
        public int rank() {
            return Integer.MAX_VALUE;
        }

        @Override
        public String toString() {
            return "= " + path;
        }
    }

    /**
     * The path begins with these elements: {@code /foo} is for {@code /foo} and {@code /foo/bar},
     * not {@code /foobar}.
     */
    record Prefix(List<String> elements) implements PathMatcher {
        public Prefix {
            elements = List.copyOf(elements);
        }

        @Override
        public boolean matches(String other) {
            List<String> theirs = split(other);
            return theirs.size() >= elements.size()
                    && theirs.subList(0, elements.size()).equals(elements);
        }

        @Override
        public int rank() {
            return elements.size();
        }

        @Override
        public String toString() {
            return "/" + String.join("/", elements);
        }
    }

    static PathMatcher prefix(String path) {
        return new Prefix(split(path));
    }

    private static List<String> split(String path) {
        return Arrays.stream(path.split("/", -1)).filter(element -> !element.isEmpty()).toList();
    }
}

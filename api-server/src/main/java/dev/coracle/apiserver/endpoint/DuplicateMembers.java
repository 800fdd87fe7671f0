package dev.coracle.apiserver.endpoint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.ObjectMapper;

/** Finds members that a JSON object has twice, which a tree no longer shows. */
final class DuplicateMembers {

    private DuplicateMembers() {}

    /** The paths of all second members, in order. The text must be JSON. */
    static List<String> find(ObjectMapper mapper, byte[] body) {
        List<String> duplicates = new ArrayList<>();
        Deque<Set<String>> objects = new ArrayDeque<>();
        try (JsonParser parser = mapper.createParser(body)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                switch (token) {
                    case START_OBJECT -> objects.push(new HashSet<>());
                    case END_OBJECT -> objects.pop();
                    case PROPERTY_NAME -> {
                        if (!objects.getFirst().add(parser.currentName())) {
                            duplicates.add(path(parser));
                        }
                    }
                    default -> {}
                }
            }
        }
        return duplicates;
    }

    /** {@code /spec/ports/0/port} as {@code spec.ports[0].port}. */
    private static String path(JsonParser parser) {
        return parser.streamReadContext()
                .pathAsPointer()
                .toString()
                .substring(1)
                .replaceAll("/([0-9]+)(?=/|$)", "[$1]")
                .replace('/', '.');
    }
}

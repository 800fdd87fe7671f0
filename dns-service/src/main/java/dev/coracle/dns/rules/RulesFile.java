package dev.coracle.dns.rules;

import dev.coracle.dns.rules.Rules.Rewrite;
import dev.coracle.dns.wire.DnsName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads {@link Rules} from YAML; what is wrong is named by its place in the file. */
public final class RulesFile {

    private static final int DNS_PORT = 53;

    private RulesFile() {}

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read, or is not what it should be
     */
    public static Rules read(Path file) throws IOException {
        return parse(Files.readString(file), file.toString());
    }

    /** {@code origin} is for messages. */
    static Rules parse(String text, String origin) throws IOException {
        try {
            Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
            return tree == null ? Rules.NONE : rules(tree);
        } catch (YAMLException | IllegalArgumentException e) {
            throw new IOException(origin + ": " + e.getMessage(), e);
        }
    }

    private static Rules rules(Object tree) {
        Map<?, ?> file = map(tree, "the file", Set.of("rewrites", "hosts", "stubZones"));
        List<Rewrite> rewrites = new ArrayList<>();
        for (Place place : list(file.get("rewrites"), "rewrites")) {
            rewrites.add(rewrite(place));
        }
        Map<DnsName, List<InetAddress>> hosts = new LinkedHashMap<>();
        for (Place place : list(file.get("hosts"), "hosts")) {
            Map<?, ?> entry = map(place.value(), place.path(), Set.of("address", "names"));
            InetAddress address = address(text(entry, place.path(), "address"), place.path());
            for (Place name : list(entry.get("names"), place.path() + ".names")) {
                hosts.computeIfAbsent(name(name.value(), name.path()), _ -> new ArrayList<>())
                        .add(address);
            }
        }
        Map<DnsName, List<InetSocketAddress>> stubs = new LinkedHashMap<>();
        for (Place place : list(file.get("stubZones"), "stubZones")) {
            Map<?, ?> entry = map(place.value(), place.path(), Set.of("zone", "resolvers"));
            List<InetSocketAddress> resolvers = new ArrayList<>();
            for (Place resolver : list(entry.get("resolvers"), place.path() + ".resolvers")) {
                resolvers.add(resolver(String.valueOf(resolver.value()), resolver.path()));
            }
            stubs.put(name(entry.get("zone"), place.path() + ".zone"), List.copyOf(resolvers));
        }
        return new Rules(rewrites, hosts, stubs);
    }

    private static Rewrite rewrite(Place place) {
        Map<?, ?> entry = map(place.value(), place.path(), Set.of("name", "suffix", "to"));
        boolean suffix = entry.containsKey("suffix");
        if (suffix == entry.containsKey("name")) {
            throw new IllegalArgumentException(
                    place.path() + ": expected either 'name' or 'suffix', and 'to'");
        }
        String from = suffix ? "suffix" : "name";
        return new Rewrite(
                name(entry.get(from), place.path() + "." + from),
                name(entry.get("to"), place.path() + ".to"),
                suffix);
    }

    /**
     * Reads {@code address} or {@code address:port}; the port is 53 unless it is given.
     *
     * @throws IllegalArgumentException naming {@code path}, if it is neither
     */
    public static InetSocketAddress resolver(String text, String path) {
        int colon = text.lastIndexOf(':');
        boolean withPort = colon > 0 && text.indexOf(':') == colon;
        try {
            int port = withPort ? Integer.parseInt(text.substring(colon + 1)) : DNS_PORT;
            return new InetSocketAddress(
                    InetAddress.ofLiteral(withPort ? text.substring(0, colon) : text), port);
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException(
                    path + ": '" + text + "', expected an address or address:port");
        }
    }

    private record Place(Object value, String path) {}

    private static List<Place> list(@Nullable Object value, String path) {
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> items)) {
            throw new IllegalArgumentException(path + ": expected a list, got '" + value + "'");
        }
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            places.add(new Place(items.get(i), path + "[" + i + "]"));
        }
        return places;
    }

    private static Map<?, ?> map(Object value, String path, Set<String> known) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(path + ": expected a map, got '" + value + "'");
        }
        for (Object key : map.keySet()) {
            if (!(key instanceof String name) || !known.contains(name)) {
                throw new IllegalArgumentException(
                        path + ": '" + key + "' is not known, expected one of " + known);
            }
        }
        return map;
    }

    private static String text(Map<?, ?> map, String path, String member) {
        if (map.get(member) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException(path + "." + member + ": expected a text");
    }

    private static DnsName name(@Nullable Object value, String path) {
        try {
            if (value instanceof String text && !text.isBlank()) {
                return DnsName.of(text);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(path + ": '" + value + "': " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(path + ": expected a domain name, got '" + value + "'");
    }

    private static InetAddress address(String text, String path) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException(
                    path + ".address: '" + text + "', expected an address");
        }
    }
}

package dev.coracle.nodeagent.pod;

import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodDNSConfigOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files that a pod has in /etc, and its host name, as a kubelet makes them. Pure. */
final class PodFiles {

    private static final int LONGEST_NAME = 63;
    private static final int MOST_NAMESERVERS = 3;
    private static final int MOST_SEARCHES = 32;
    private static final String DOMAIN = "cluster.local";

    private PodFiles() {}

    /** What {@code hostname} says in the pod. */
    static String hostname(Pod pod, String nodeName) {
        if (isTrue(pod.getSpec().getHostNetwork())) {
            return nodeName;
        }
        String domain = domain(pod);
        boolean full = isTrue(pod.getSpec().getSetHostnameAsFQDN()) && !domain.isEmpty();
        return full ? shortName(pod) + "." + domain : shortName(pod);
    }

    private static String shortName(Pod pod) {
        String own = Objects.requireNonNullElse(pod.getSpec().getHostname(), "");
        String name = own.isEmpty() ? pod.getMetadata().getName() : own;
        return name.length() <= LONGEST_NAME
                ? name
                : name.substring(0, LONGEST_NAME).replaceAll("[-.]+$", "");
    }

    private static String domain(Pod pod) {
        String subdomain = Objects.requireNonNullElse(pod.getSpec().getSubdomain(), "");
        return subdomain.isEmpty()
                ? ""
                : subdomain + "." + pod.getMetadata().getNamespace() + ".svc." + DOMAIN;
    }

    /**
     * {@code /etc/hosts}.
     *
     * @param nodeHosts the node's own, which pods in its network see
     */
    static String hosts(Pod pod, String address, String nodeHosts) {
        StringBuilder text = new StringBuilder();
        if (isTrue(pod.getSpec().getHostNetwork())) {
            text.append("# Kubernetes-managed hosts file (host network).\n").append(nodeHosts);
        } else {
            text.append("# Kubernetes-managed hosts file.\n");
            text.append("127.0.0.1\tlocalhost\n");
            text.append("::1\tlocalhost ip6-localhost ip6-loopback\n");
            text.append("fe00::0\tip6-localnet\n");
            text.append("fe00::0\tip6-mcastprefix\n");
            text.append("fe00::1\tip6-allnodes\n");
            text.append("fe00::2\tip6-allrouters\n");
            String domain = domain(pod);
            text.append(address).append('\t');
            if (!domain.isEmpty()) {
                text.append(shortName(pod)).append('.').append(domain).append('\t');
            }
            text.append(shortName(pod)).append('\n');
        }
        if (!pod.getSpec().getHostAliases().isEmpty()) {
            text.append("\n# Entries added by HostAliases.\n");
        }
        for (HostAlias alias : pod.getSpec().getHostAliases()) {
            text.append(alias.getIp()).append('\t');
            text.append(String.join("\t", alias.getHostnames())).append('\n');
        }
        return text.toString();
    }

    /**
     * {@code /etc/resolv.conf}.
     *
     * @param dnsAddress the cluster's name server
     * @param nodeResolv the node's own file
     */
    static String resolvConf(Pod pod, String dnsAddress, String nodeResolv) {
        Resolver resolver = new Resolver();
        String policy = Objects.requireNonNullElse(pod.getSpec().getDnsPolicy(), "ClusterFirst");
        boolean hostNetwork = isTrue(pod.getSpec().getHostNetwork());
        if (policy.equals("Default") || (policy.equals("ClusterFirst") && hostNetwork)) {
            resolver.read(nodeResolv);
        } else if (!policy.equals("None")) {
            resolver.nameservers.add(dnsAddress);
            resolver.searches.add(pod.getMetadata().getNamespace() + ".svc." + DOMAIN);
            resolver.searches.add("svc." + DOMAIN);
            resolver.searches.add(DOMAIN);
            resolver.options.put("ndots", "5");
        }
        resolver.add(pod.getSpec().getDnsConfig());
        return resolver.text();
    }

    private static boolean isTrue(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    /** What a resolv.conf says. */
    private static final class Resolver {
        private final Set<String> nameservers = new LinkedHashSet<>();
        private final Set<String> searches = new LinkedHashSet<>();
        private final Map<String, String> options = new LinkedHashMap<>();

        void read(String file) {
            file.lines()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length > 1)
                    .forEach(words -> {
                        List<String> rest = List.of(words).subList(1, words.length);
                        switch (words[0]) {
                            case "nameserver" -> nameservers.add(rest.getFirst());
                            case "search", "domain" -> {
                                searches.clear();
                                searches.addAll(rest);
                            }
                            case "options" -> rest.forEach(this::option);
                            default -> {
                                // a comment, or what no program reads
                            }
                        }
                    });
        }

        void add(@Nullable PodDNSConfig config) {
            if (config == null) {
                return;
            }
            nameservers.addAll(config.getNameservers());
            searches.addAll(config.getSearches());
            for (PodDNSConfigOption option : config.getOptions()) {
                options.put(option.getName(), Objects.requireNonNullElse(option.getValue(), ""));
            }
        }

        private void option(String text) {
            String[] parts = text.split(":", 2);
            options.put(parts[0], parts.length == 2 ? parts[1] : "");
        }

        String text() {
            StringBuilder text = new StringBuilder();
            if (!searches.isEmpty()) {
                text.append("search ");
                text.append(String.join(" ", searches.stream().limit(MOST_SEARCHES).toList()));
                text.append('\n');
            }
            nameservers.stream()
                    .limit(MOST_NAMESERVERS)
                    .forEach(server -> text.append("nameserver ").append(server).append('\n'));
            if (!options.isEmpty()) {
                List<String> words = new ArrayList<>();
                options.forEach((k, v) -> words.add(v.isEmpty() ? k : k + ":" + v));
                text.append("options ").append(String.join(" ", words)).append('\n');
            }
            return text.toString();
        }
    }
}

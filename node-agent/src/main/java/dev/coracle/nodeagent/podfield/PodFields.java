package dev.coracle.nodeagent.podfield;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One pod's fields.
 *
 * @param nodeAddress of the node that runs it
 * @param podAddress empty before it has one
 * @param allocatable of the node, which stands for limits that are not set
 */
public record PodFields(
        Pod pod, String nodeAddress, String podAddress, Map<String, Quantity> allocatable) {

    /** A path or resource that there is none of. */
    public static final class UnknownFieldException extends Exception {
        UnknownFieldException(String message) {
            super(message);
        }
    }

    /** The value of a {@code fieldPath}. */
    public String field(String path) throws UnknownFieldException {
        return switch (path) {
            case "metadata.name" -> pod.getMetadata().getName();
            case "metadata.namespace" -> pod.getMetadata().getNamespace();
            case "metadata.uid" -> pod.getMetadata().getUid();
            case "metadata.labels" -> lines(pod.getMetadata().getLabels());
            case "metadata.annotations" -> lines(pod.getMetadata().getAnnotations());
            case "spec.nodeName" -> Objects.requireNonNullElse(pod.getSpec().getNodeName(), "");
            case "spec.serviceAccountName" ->
                    Objects.requireNonNullElse(pod.getSpec().getServiceAccountName(), "");
            case "status.hostIP", "status.hostIPs" -> nodeAddress;
            case "status.podIP", "status.podIPs" -> podAddress;
            default -> keyed(path);
        };
    }

    /** The value of a {@code resourceFieldRef}, whole units of its divisor, rounded up. */
    public String resource(ResourceFieldSelector selector, @Nullable Container own)
            throws UnknownFieldException {
        Container container = container(selector, own);
        String[] parts = selector.getResource().split("\\.", 2);
        if (parts.length != 2
                || !(parts[0].equals("limits") || parts[0].equals("requests"))
                || !isKnown(parts[1])) {
            throw new UnknownFieldException(
                    "unsupported container resource : " + selector.getResource());
        }
        boolean limit = parts[0].equals("limits");
        Quantity amount = limit ? limit(container, parts[1]) : request(container, parts[1]);
        BigDecimal divisor = divisor(selector.getDivisor());
        return Quantity.getAmountInBytes(amount)
                .divide(divisor, 0, RoundingMode.CEILING)
                .toPlainString();
    }

    private static BigDecimal divisor(@Nullable Quantity divisor) {
        if (divisor == null) {
            return BigDecimal.ONE;
        }
        BigDecimal amount = Quantity.getAmountInBytes(divisor);
        return amount.signum() == 0 ? BigDecimal.ONE : amount;
    }

    private Quantity limit(Container container, String name) {
        Map<String, Quantity> limits =
                container.getResources() == null ? null : container.getResources().getLimits();
        Quantity limit = limits == null ? null : limits.get(name);
        return limit == null ? allocatable.getOrDefault(name, new Quantity("0")) : limit;
    }

    private static Quantity request(Container container, String name) {
        Map<String, Quantity> requests =
                container.getResources() == null ? null : container.getResources().getRequests();
        Quantity request = requests == null ? null : requests.get(name);
        return request == null ? new Quantity("0") : request;
    }

    private Container container(ResourceFieldSelector selector, @Nullable Container own)
            throws UnknownFieldException {
        String name = Objects.requireNonNullElse(selector.getContainerName(), "");
        if (name.isEmpty() && own != null) {
            return own;
        }
        return Stream.concat(
                        pod.getSpec().getContainers().stream(),
                        pod.getSpec().getInitContainers().stream())
                .filter(c -> name.equals(c.getName()))
                .findFirst()
                .orElseThrow(() -> new UnknownFieldException("container " + name + " not found"));
    }

    private static boolean isKnown(String resource) {
        return resource.equals("cpu")
                || resource.equals("memory")
                || resource.equals("ephemeral-storage")
                || resource.startsWith("hugepages-");
    }

    private String keyed(String path) throws UnknownFieldException {
        Map<String, String> map =
                path.startsWith("metadata.labels['")
                        ? pod.getMetadata().getLabels()
                        : path.startsWith("metadata.annotations['")
                                ? pod.getMetadata().getAnnotations()
                                : null;
        if (!path.endsWith("']") || !path.contains("['")) {
            throw new UnknownFieldException("unsupported fieldPath: " + path);
        }
        String key = path.substring(path.indexOf('\'') + 1, path.length() - 2);
        return map == null ? "" : Objects.requireNonNullElse(map.get(key), "");
    }

    /** As files show maps: a line each, sorted, the values quoted. */
    private static String lines(@Nullable Map<String, String> map) {
        return map == null
                ? ""
                : new TreeMap<>(map)
                        .entrySet().stream()
                                .map(e -> e.getKey() + "=" + quoted(e.getValue()))
                                .collect(Collectors.joining("\n"));
    }

    private static String quoted(String text) {
        return "\""
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\t", "\\t")
                        .replace("\r", "\\r")
                + "\"";
    }
}

package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What a variable or a file of the downward API may refer to. */
final class FieldRefRules {

    /** Fields a variable may take its value from. */
    static final List<String> VARIABLE =
            List.of(
                    "metadata.name",
                    "metadata.namespace",
                    "metadata.uid",
                    "spec.nodeName",
                    "spec.serviceAccountName",
                    "status.hostIP",
                    "status.hostIPs",
                    "status.podIP",
                    "status.podIPs");

    /** Fields a file may have as its content. */
    static final List<String> FILE =
            List.of(
                    "metadata.annotations",
                    "metadata.labels",
                    "metadata.name",
                    "metadata.namespace",
                    "metadata.uid");

    private static final Set<String> FIELDS =
            Set.of(
                    "metadata.annotations",
                    "metadata.labels",
                    "metadata.name",
                    "metadata.namespace",
                    "metadata.uid",
                    "spec.nodeName",
                    "spec.restartPolicy",
                    "spec.schedulerName",
                    "spec.serviceAccountName",
                    "status.hostIP",
                    "status.hostIPs",
                    "status.phase",
                    "status.podIP",
                    "status.podIPs");

    private static final List<String> RESOURCES =
            List.of(
                    "limits.cpu",
                    "limits.ephemeral-storage",
                    "limits.memory",
                    "requests.cpu",
                    "requests.ephemeral-storage",
                    "requests.memory");

    private static final List<String> CPU_DIVISORS = List.of("1m", "1");
    private static final List<String> BYTE_DIVISORS =
            List.of(
                    "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi",
                    "1Ei");

    private static final Pattern SUBSCRIPTED = Pattern.compile("(.*)\\['(.*)'\\]");

    private FieldRefRules() {}

    /** An ObjectFieldSelector whose field must be one of these or a subscripted one. */
    static void field(Check ref, List<String> allowed) {
        String path = ref.text("fieldPath");
        ref.required("fieldPath");
        if (path.isEmpty()) {
            return;
        }
        Matcher subscripted = SUBSCRIPTED.matcher(path);
        if (subscripted.matches()) {
            subscripted(ref, subscripted.group(1), subscripted.group(2));
        } else if (!FIELDS.contains(path)) {
            ref.invalid(
                    "fieldPath", "error converting fieldPath: field label not supported: " + path);
        } else if (!allowed.contains(path)) {
            ref.add(FieldError.notSupported(ref.path("fieldPath"), path, allowed));
        }
    }

    private static void subscripted(Check ref, String map, String key) {
        if (!map.equals("metadata.annotations") && !map.equals("metadata.labels")) {
            ref.invalid(
                    "fieldPath",
                    "error converting fieldPath: field label does not support subscript: "
                            + ref.text("fieldPath"));
            return;
        }
        String wrong = Names.qualifiedName(key);
        if (wrong != null) {
            ref.add(FieldError.invalid(ref.path("fieldPath"), key, wrong));
        }
    }

    /** A ResourceFieldSelector; in a file it must name the container. */
    static void resource(Check ref, boolean inFile) {
        String name = ref.text("resource");
        if (inFile && !ref.has("containerName")) {
            ref.required("containerName");
        } else if (name.isEmpty()) {
            ref.required("resource");
        } else if (!RESOURCES.contains(name) && !name.contains(".hugepages-")) {
            ref.add(FieldError.notSupported(ref.path("resource"), name, RESOURCES));
        }
        JsonNode divisor = ref.node().path("divisor");
        String given = divisor.asString("");
        if (given.isEmpty() || given.equals("0") || name.isEmpty()) {
            return;
        }
        String kind = name.substring(name.indexOf('.') + 1);
        List<String> divisors = kind.equals("cpu") ? CPU_DIVISORS : BYTE_DIVISORS;
        if (!divisors.contains(given)) {
            ref.add(
                    FieldError.invalid(
                            ref.path("divisor"),
                            name,
                            "only divisor's values "
                                    + (kind.equals("cpu")
                                            ? "1m and 1"
                                            : String.join(", ", divisors))
                                    + " are supported with the "
                                    + (kind.equals("ephemeral-storage")
                                            ? "local ephemeral storage"
                                            : kind)
                                    + " resource"));
        }
    }
}

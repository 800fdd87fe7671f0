package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceDefinition;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is being done, as admission sees it (admission.k8s.io/v1 AdmissionRequest).
 *
 * @param subresource or empty
 * @param namespace or empty
 * @param object null for a delete
 * @param old null for a create
 * @param user as {@code UserInfo}
 */
public record AdmissionRequest(
        Operation operation,
        ResourceDefinition resource,
        String subresource,
        String namespace,
        String name,
        @Nullable ApiObject object,
        @Nullable ApiObject old,
        ObjectNode user,
        boolean dryRun) {

    /** The variable {@code request} of expressions. */
    ObjectNode toJson() {
        ObjectNode request = Json.newObject();
        kind(request.putObject("kind"));
        resource(request.putObject("resource"));
        kind(request.putObject("requestKind"));
        resource(request.putObject("requestResource"));
        request.put("subResource", subresource).put("requestSubResource", subresource);
        request.put("name", name).put("namespace", namespace);
        request.put("operation", operation.name());
        request.set("userInfo", user);
        request.put("dryRun", dryRun);
        request.putObject("options");
        return request;
    }

    /** That of the object, which is another than the resource's for some subresources. */
    private void kind(ObjectNode node) {
        if (object == null || object.text("apiVersion").isEmpty()) {
            node.put("group", resource.group())
                    .put("version", resource.kind().version())
                    .put("kind", resource.kind().kind());
            return;
        }
        String apiVersion = object.text("apiVersion");
        int slash = apiVersion.indexOf('/');
        node.put("group", apiVersion.substring(0, Math.max(slash, 0)))
                .put("version", apiVersion.substring(slash + 1))
                .put("kind", object.text("kind"));
    }

    private void resource(ObjectNode node) {
        node.put("group", resource.group())
                .put("version", resource.kind().version())
                .put("resource", resource.plural());
    }
}

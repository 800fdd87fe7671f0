package dev.coracle.apiserver.admission;

import dev.coracle.apiserver.admission.AdmissionChain.AdmissionPlugin;
import dev.coracle.apiserver.admission.AdmissionChain.Operation;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.registry.ResourceDefinition;

/** A pod that names no service account runs as {@code default}. */
final class DefaultServiceAccount implements AdmissionPlugin {

    @Override
    public void admit(Operation operation, ResourceDefinition resource, ApiObject object) {
        if (operation == Operation.CREATE
                && resource.storageKey().equals("pods")
                && object.text("spec.serviceAccountName").isEmpty()) {
            object.spec().put("serviceAccountName", "default").put("serviceAccount", "default");
        }
    }
}

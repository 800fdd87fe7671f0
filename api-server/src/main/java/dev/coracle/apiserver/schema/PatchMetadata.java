package dev.coracle.apiserver.schema;

import java.util.Map;

/**
 * The patch strategies of the Kubernetes types, which no Java model carries: definition and
 * property -> strategy and merge key. From the {@code patchStrategy} and {@code patchMergeKey} tags
 * of k8s.io/api 1.33.
 */
final class PatchMetadata {

    /** {@code strategy}, or {@code strategy:key}. */
    static final Map<String, String> TABLE =
            Map.ofEntries(
                    Map.entry("ObjectMeta.finalizers", "merge"),
                    Map.entry("ObjectMeta.ownerReferences", "merge:uid"),
                    Map.entry("DeploymentStatus.conditions", "merge:type"),
                    Map.entry("ReplicaSetStatus.conditions", "merge:type"),
                    Map.entry("StatefulSetStatus.conditions", "merge:type"),
                    Map.entry("DaemonSetStatus.conditions", "merge:type"),
                    Map.entry("ReplicationControllerStatus.conditions", "merge:type"),
                    Map.entry("HorizontalPodAutoscalerStatus.conditions", "merge:type"),
                    Map.entry("PersistentVolumeClaimStatus.conditions", "merge:type"),
                    Map.entry("PodDisruptionBudgetStatus.conditions", "merge:type"),
                    Map.entry("JobStatus.conditions", "merge:type"),
                    Map.entry("ServiceStatus.conditions", "merge:type"),
                    Map.entry("PodStatus.conditions", "merge:type"),
                    Map.entry("NodeStatus.conditions", "merge:type"),
                    Map.entry("NamespaceStatus.conditions", "merge:type"),
                    Map.entry("ServiceCIDRStatus.conditions", "merge:type"),
                    Map.entry("FlowSchemaStatus.conditions", "merge:type"),
                    Map.entry("PriorityLevelConfigurationStatus.conditions", "merge:type"),
                    Map.entry("ComponentStatus.conditions", "merge:type"),
                    Map.entry("DeploymentSpec.strategy", "retainKeys"),
                    Map.entry("PodSpec.containers", "merge:name"),
                    Map.entry("PodSpec.initContainers", "merge:name"),
                    Map.entry("PodSpec.ephemeralContainers", "merge:name"),
                    Map.entry("PodSpec.volumes", "merge,retainKeys:name"),
                    Map.entry("PodSpec.imagePullSecrets", "merge:name"),
                    Map.entry("PodSpec.hostAliases", "merge:ip"),
                    Map.entry("PodSpec.topologySpreadConstraints", "merge:topologyKey"),
                    Map.entry("PodSpec.schedulingGates", "merge:name"),
                    Map.entry("PodSpec.resourceClaims", "merge,retainKeys:name"),
                    Map.entry("Container.env", "merge:name"),
                    Map.entry("Container.ports", "merge:containerPort"),
                    Map.entry("Container.volumeMounts", "merge:mountPath"),
                    Map.entry("Container.volumeDevices", "merge:devicePath"),
                    Map.entry("EphemeralContainer.env", "merge:name"),
                    Map.entry("EphemeralContainer.ports", "merge:containerPort"),
                    Map.entry("EphemeralContainer.volumeMounts", "merge:mountPath"),
                    Map.entry("EphemeralContainer.volumeDevices", "merge:devicePath"),
                    Map.entry("ServiceSpec.ports", "merge:port"),
                    Map.entry("ServiceAccount.secrets", "merge:name"),
                    Map.entry("PodStatus.podIPs", "merge:ip"),
                    Map.entry("PodStatus.hostIPs", "merge:ip"),
                    Map.entry("PodStatus.resourceClaimStatuses", "merge,retainKeys:name"),
                    Map.entry("ContainerStatus.volumeMounts", "merge:mountPath"),
                    Map.entry("NodeSpec.podCIDRs", "merge"),
                    Map.entry("NodeStatus.addresses", "merge:type"),
                    Map.entry("PodDisruptionBudgetSpec.selector", "replace"),
                    Map.entry("MutatingWebhookConfiguration.webhooks", "merge:name"),
                    Map.entry("ValidatingWebhookConfiguration.webhooks", "merge:name"),
                    Map.entry("MutatingWebhook.matchConditions", "merge:name"),
                    Map.entry("ValidatingWebhook.matchConditions", "merge:name"),
                    Map.entry("ValidatingAdmissionPolicySpec.matchConditions", "merge:name"),
                    Map.entry("ValidatingAdmissionPolicySpec.variables", "merge:name"),
                    Map.entry("CSINodeSpec.drivers", "merge:name"));

    private PatchMetadata() {}
}

package dev.coracle.apiserver.schema;

import java.util.Map;
import java.util.Set;

/**
 * How server-side apply owns the lists and maps of the Kubernetes types, which no Java model
 * carries. From the {@code listType}, {@code listMapKey}, {@code mapType} and {@code structType}
 * markers of k8s.io/api 1.33. A list that is not named is atomic; a map or object that is not named
 * is granular.
 */
final class ApplyMetadata {

    /** Definition and property -> {@code set}, or {@code map:} and the keys. */
    static final Map<String, String> LISTS =
            Map.ofEntries(
                    Map.entry("ObjectMeta.finalizers", "set"),
                    Map.entry("ObjectMeta.ownerReferences", "map:uid"),
                    Map.entry("Container.env", "map:name"),
                    Map.entry("Container.ports", "map:containerPort,protocol"),
                    Map.entry("Container.volumeMounts", "map:mountPath"),
                    Map.entry("Container.volumeDevices", "map:devicePath"),
                    Map.entry("EphemeralContainer.env", "map:name"),
                    Map.entry("EphemeralContainer.ports", "map:containerPort,protocol"),
                    Map.entry("EphemeralContainer.volumeMounts", "map:mountPath"),
                    Map.entry("EphemeralContainer.volumeDevices", "map:devicePath"),
                    Map.entry("ResourceRequirements.claims", "map:name"),
                    Map.entry("PodSpec.containers", "map:name"),
                    Map.entry("PodSpec.initContainers", "map:name"),
                    Map.entry("PodSpec.ephemeralContainers", "map:name"),
                    Map.entry("PodSpec.volumes", "map:name"),
                    Map.entry("PodSpec.imagePullSecrets", "map:name"),
                    Map.entry("PodSpec.hostAliases", "map:ip"),
                    Map.entry(
                            "PodSpec.topologySpreadConstraints",
                            "map:topologyKey,whenUnsatisfiable"),
                    Map.entry("PodSpec.schedulingGates", "map:name"),
                    Map.entry("PodSpec.resourceClaims", "map:name"),
                    Map.entry("PodStatus.conditions", "map:type"),
                    Map.entry("PodStatus.podIPs", "map:ip"),
                    Map.entry("PodStatus.resourceClaimStatuses", "map:name"),
                    Map.entry("ContainerStatus.volumeMounts", "map:mountPath"),
                    Map.entry("ContainerStatus.allocatedResourcesStatus", "map:name"),
                    Map.entry("ResourceStatus.resources", "map:resourceID"),
                    Map.entry("ServiceSpec.ports", "map:port,protocol"),
                    Map.entry("ServiceStatus.conditions", "map:type"),
                    Map.entry("ServiceAccount.secrets", "map:name"),
                    Map.entry("NodeSpec.podCIDRs", "set"),
                    Map.entry("NodeStatus.conditions", "map:type"),
                    Map.entry("NodeStatus.addresses", "map:type"),
                    Map.entry("NamespaceStatus.conditions", "map:type"),
                    Map.entry("PersistentVolumeClaimStatus.conditions", "map:type"),
                    Map.entry("ReplicationControllerStatus.conditions", "map:type"),
                    Map.entry("ComponentStatus.conditions", "map:type"),
                    Map.entry("DeploymentStatus.conditions", "map:type"),
                    Map.entry("ReplicaSetStatus.conditions", "map:type"),
                    Map.entry("StatefulSetStatus.conditions", "map:type"),
                    Map.entry("DaemonSetStatus.conditions", "map:type"),
                    Map.entry("HorizontalPodAutoscalerStatus.conditions", "map:type"),
                    Map.entry("PodFailurePolicyOnExitCodesRequirement.values", "set"),
                    Map.entry("PodDisruptionBudgetStatus.conditions", "map:type"),
                    Map.entry("ServiceCIDRStatus.conditions", "map:type"),
                    Map.entry("CertificateSigningRequestStatus.conditions", "map:type"),
                    Map.entry("CustomResourceDefinitionStatus.conditions", "map:type"),
                    Map.entry("FlowSchemaStatus.conditions", "map:type"),
                    Map.entry("PriorityLevelConfigurationStatus.conditions", "map:type"),
                    Map.entry("ResourcePolicyRule.verbs", "set"),
                    Map.entry("ResourcePolicyRule.apiGroups", "set"),
                    Map.entry("ResourcePolicyRule.resources", "set"),
                    Map.entry("ResourcePolicyRule.namespaces", "set"),
                    Map.entry("NonResourcePolicyRule.verbs", "set"),
                    Map.entry("NonResourcePolicyRule.nonResourceURLs", "set"),
                    Map.entry("Endpoint.addresses", "set"),
                    Map.entry("CSINodeSpec.drivers", "map:name"),
                    Map.entry("CSIDriverSpec.volumeLifecycleModes", "set"),
                    Map.entry("MutatingWebhookConfiguration.webhooks", "map:name"),
                    Map.entry("ValidatingWebhookConfiguration.webhooks", "map:name"),
                    Map.entry("MutatingWebhook.matchConditions", "map:name"),
                    Map.entry("ValidatingWebhook.matchConditions", "map:name"),
                    Map.entry("ValidatingAdmissionPolicySpec.matchConditions", "map:name"),
                    Map.entry("ValidatingAdmissionPolicySpec.variables", "map:name"),
                    Map.entry("ValidatingAdmissionPolicyStatus.conditions", "map:type"),
                    Map.entry("JSONSchemaProps.x-kubernetes-validations", "map:rule"));

    /** Definitions whose objects are owned as one; by short name, or with group and version. */
    static final Set<String> ATOMIC_DEFINITIONS =
            Set.of(
                    "LabelSelector",
                    "ObjectReference",
                    "LocalObjectReference",
                    "TypedLocalObjectReference",
                    "SecretReference",
                    "SecretKeySelector",
                    "ConfigMapKeySelector",
                    "ObjectFieldSelector",
                    "ResourceFieldSelector",
                    "NodeSelector",
                    "NodeSelectorTerm",
                    "TopologySelectorTerm",
                    "ScopeSelector",
                    "ScopedResourceSelectorRequirement",
                    "EndpointAddress",
                    "EndpointPort",
                    "CrossVersionObjectReference",
                    "RoleRef",
                    "ServiceBackendPort",
                    "ParamKind",
                    "ParamRef",
                    "MatchResources",
                    "NamedRuleWithOperations",
                    "rbac.v1.Subject",
                    "FieldSelectorAttributes");

    /** Maps that are owned as one. */
    static final Set<String> ATOMIC_MAPS =
            Set.of(
                    "ServiceSpec.selector",
                    "PodSpec.nodeSelector",
                    "ReplicationControllerSpec.selector",
                    "Scheduling.nodeSelector");

    private ApplyMetadata() {}
}

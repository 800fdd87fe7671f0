package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.registry.admissionregistration.AdmissionPolicies;
import dev.coracle.apiserver.registry.admissionregistration.WebhookConfigurations;
import dev.coracle.apiserver.registry.apps.ControllerRevisions;
import dev.coracle.apiserver.registry.apps.DaemonSets;
import dev.coracle.apiserver.registry.apps.DeploymentStrategy;
import dev.coracle.apiserver.registry.apps.ReplicaSets;
import dev.coracle.apiserver.registry.apps.StatefulSets;
import dev.coracle.apiserver.registry.autoscaling.Autoscalers;
import dev.coracle.apiserver.registry.batch.CronJobs;
import dev.coracle.apiserver.registry.batch.Jobs;
import dev.coracle.apiserver.registry.certificates.SigningRequests;
import dev.coracle.apiserver.registry.coordination.LeaseStrategy;
import dev.coracle.apiserver.registry.core.component.CoreComponents;
import dev.coracle.apiserver.registry.core.configuration.ConfigMapStrategy;
import dev.coracle.apiserver.registry.core.configuration.SecretStrategy;
import dev.coracle.apiserver.registry.core.endpoints.EndpointsStrategy;
import dev.coracle.apiserver.registry.core.event.EventStrategy;
import dev.coracle.apiserver.registry.core.event.EventsV1;
import dev.coracle.apiserver.registry.core.limits.LimitRanges;
import dev.coracle.apiserver.registry.core.limits.ResourceQuotas;
import dev.coracle.apiserver.registry.core.namespace.NamespaceStrategy;
import dev.coracle.apiserver.registry.core.node.NodeStrategy;
import dev.coracle.apiserver.registry.core.pod.PodStrategy;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.registry.core.serviceaccount.ServiceAccountStrategy;
import dev.coracle.apiserver.registry.core.template.PodTemplateObjects;
import dev.coracle.apiserver.registry.core.template.ReplicationControllers;
import dev.coracle.apiserver.registry.core.volume.PersistentVolumeClaims;
import dev.coracle.apiserver.registry.core.volume.PersistentVolumes;
import dev.coracle.apiserver.registry.discovery.EndpointSliceStrategy;
import dev.coracle.apiserver.registry.flowcontrol.FlowSchemas;
import dev.coracle.apiserver.registry.flowcontrol.PriorityLevels;
import dev.coracle.apiserver.registry.networking.IngressClassStrategy;
import dev.coracle.apiserver.registry.networking.IngressStrategy;
import dev.coracle.apiserver.registry.networking.NetworkPolicies;
import dev.coracle.apiserver.registry.networking.ServiceAddresses;
import dev.coracle.apiserver.registry.node.RuntimeClasses;
import dev.coracle.apiserver.registry.policy.PodDisruptionBudgets;
import dev.coracle.apiserver.registry.rbac.RoleBindings;
import dev.coracle.apiserver.registry.rbac.Roles;
import dev.coracle.apiserver.registry.review.ReviewKinds;
import dev.coracle.apiserver.registry.scheduling.PriorityClasses;
import dev.coracle.apiserver.registry.storage.CsiDrivers;
import dev.coracle.apiserver.registry.storage.StorageClasses;
import dev.coracle.apiserver.registry.storage.VolumeAttachments;
import java.util.ArrayList;
import java.util.List;

/** The built-in resources: one line for each, in the order of discovery. */
public final class BuiltInResources {

    private BuiltInResources() {}

    /**
     * All of them, new: a strategy may hold pools.
     *
     * @param services the strategy that knows the cluster's addresses
     */
    public static List<ResourceStrategy> all(ServiceStrategy services) {
        return all(services, false);
    }

    /**
     * The same for a cluster whose pods may have loopback addresses.
     *
     * @param onLoopback whether they have
     */
    public static List<ResourceStrategy> all(ServiceStrategy services, boolean onLoopback) {
        ResourceStrategy events = new EventStrategy();
        ResourceStrategy autoscalers = Autoscalers.v2();
        List<ResourceStrategy> resources = new ArrayList<>(ReviewKinds.all());
        resources.addAll(
                List.of(
                        CoreComponents.binding(),
                        CoreComponents.componentStatus(),
                        new ConfigMapStrategy(),
                        new EndpointsStrategy(onLoopback),
                        events,
                        LimitRanges.strategy(),
                        new NamespaceStrategy(),
                        new NodeStrategy(),
                        PersistentVolumeClaims.strategy(),
                        PersistentVolumes.strategy(),
                        new PodStrategy(),
                        PodTemplateObjects.strategy(),
                        ReplicationControllers.strategy(),
                        ResourceQuotas.strategy(),
                        new SecretStrategy(),
                        new ServiceAccountStrategy(),
                        services,
                        ControllerRevisions.strategy(),
                        DaemonSets.strategy(),
                        new DeploymentStrategy(),
                        ReplicaSets.strategy(),
                        StatefulSets.strategy(),
                        EventsV1.strategy(events),
                        autoscalers,
                        Autoscalers.v1(autoscalers),
                        CronJobs.strategy(),
                        Jobs.strategy(),
                        SigningRequests.strategy(),
                        new IngressClassStrategy(),
                        new IngressStrategy(),
                        NetworkPolicies.strategy(),
                        ServiceAddresses.ipAddress(),
                        ServiceAddresses.serviceCidr(),
                        PodDisruptionBudgets.strategy(),
                        RoleBindings.clusterRoleBinding(),
                        Roles.clusterRole(),
                        RoleBindings.roleBinding(),
                        Roles.role(),
                        CsiDrivers.driver(),
                        CsiDrivers.node(),
                        CsiDrivers.storageCapacity(),
                        StorageClasses.strategy(),
                        VolumeAttachments.strategy(),
                        WebhookConfigurations.mutating(),
                        AdmissionPolicies.policy(),
                        AdmissionPolicies.binding(),
                        WebhookConfigurations.validating(),
                        PriorityClasses.strategy(),
                        new LeaseStrategy(),
                        RuntimeClasses.strategy(),
                        new EndpointSliceStrategy(onLoopback),
                        FlowSchemas.strategy(),
                        PriorityLevels.strategy()));
        return List.copyOf(resources);
    }
}

package dev.coracle.apiserver.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.AuthenticationV1TokenRequest;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.EventsV1Event;
import io.kubernetes.client.openapi.models.V1Binding;
import io.kubernetes.client.openapi.models.V1CSIDriver;
import io.kubernetes.client.openapi.models.V1CSINode;
import io.kubernetes.client.openapi.models.V1CSIStorageCapacity;
import io.kubernetes.client.openapi.models.V1CertificateSigningRequest;
import io.kubernetes.client.openapi.models.V1ClusterRole;
import io.kubernetes.client.openapi.models.V1ClusterRoleBinding;
import io.kubernetes.client.openapi.models.V1ComponentStatus;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ControllerRevision;
import io.kubernetes.client.openapi.models.V1CronJob;
import io.kubernetes.client.openapi.models.V1CustomResourceDefinition;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1EndpointSlice;
import io.kubernetes.client.openapi.models.V1Endpoints;
import io.kubernetes.client.openapi.models.V1Eviction;
import io.kubernetes.client.openapi.models.V1FlowSchema;
import io.kubernetes.client.openapi.models.V1HorizontalPodAutoscaler;
import io.kubernetes.client.openapi.models.V1IPAddress;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1IngressClass;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1Lease;
import io.kubernetes.client.openapi.models.V1LimitRange;
import io.kubernetes.client.openapi.models.V1LocalSubjectAccessReview;
import io.kubernetes.client.openapi.models.V1MutatingWebhookConfiguration;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1PersistentVolume;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1PodTemplate;
import io.kubernetes.client.openapi.models.V1PriorityClass;
import io.kubernetes.client.openapi.models.V1PriorityLevelConfiguration;
import io.kubernetes.client.openapi.models.V1ReplicaSet;
import io.kubernetes.client.openapi.models.V1ReplicationController;
import io.kubernetes.client.openapi.models.V1ResourceQuota;
import io.kubernetes.client.openapi.models.V1Role;
import io.kubernetes.client.openapi.models.V1RoleBinding;
import io.kubernetes.client.openapi.models.V1RuntimeClass;
import io.kubernetes.client.openapi.models.V1Scale;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReview;
import io.kubernetes.client.openapi.models.V1SelfSubjectReview;
import io.kubernetes.client.openapi.models.V1SelfSubjectRulesReview;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1ServiceCIDR;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V1StorageClass;
import io.kubernetes.client.openapi.models.V1SubjectAccessReview;
import io.kubernetes.client.openapi.models.V1TokenReview;
import io.kubernetes.client.openapi.models.V1ValidatingAdmissionPolicy;
import io.kubernetes.client.openapi.models.V1ValidatingAdmissionPolicyBinding;
import io.kubernetes.client.openapi.models.V1ValidatingWebhookConfiguration;
import io.kubernetes.client.openapi.models.V1VolumeAttachment;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * The definitions are generated from the Kubernetes 1.33 model; rewritten by {@code
 * -Dgolden.update=true}.
 */
class DefinitionsTest {

    private static final Path RESOURCE = Path.of("src/main/resources/schema/definitions.json");

    /** The core group comes first: the others refer to its types. */
    private static final Map<String, List<Class<?>>> MODELS = new LinkedHashMap<>();

    static {
        MODELS.put(
                "io.k8s.api.core.v1.",
                List.of(
                        V1Pod.class,
                        V1Service.class,
                        V1Node.class,
                        V1Namespace.class,
                        V1Endpoints.class,
                        V1ConfigMap.class,
                        V1Secret.class,
                        CoreV1Event.class,
                        V1ServiceAccount.class,
                        V1PersistentVolume.class,
                        V1PersistentVolumeClaim.class,
                        V1ReplicationController.class,
                        V1PodTemplate.class,
                        V1LimitRange.class,
                        V1ResourceQuota.class,
                        V1ComponentStatus.class,
                        V1Binding.class));
        MODELS.put(
                "io.k8s.api.apps.v1.",
                List.of(
                        V1Deployment.class,
                        V1ReplicaSet.class,
                        V1StatefulSet.class,
                        V1DaemonSet.class,
                        V1ControllerRevision.class));
        MODELS.put("io.k8s.api.batch.v1.", List.of(V1Job.class, V1CronJob.class));
        MODELS.put(
                "io.k8s.api.networking.v1.",
                List.of(
                        V1Ingress.class,
                        V1IngressClass.class,
                        V1NetworkPolicy.class,
                        V1IPAddress.class,
                        V1ServiceCIDR.class));
        MODELS.put("io.k8s.api.discovery.v1.", List.of(V1EndpointSlice.class));
        MODELS.put("io.k8s.api.events.v1.", List.of(EventsV1Event.class));
        MODELS.put("io.k8s.api.coordination.v1.", List.of(V1Lease.class));
        MODELS.put(
                "io.k8s.api.autoscaling.v1.",
                List.of(V1Scale.class, V1HorizontalPodAutoscaler.class));
        MODELS.put("io.k8s.api.autoscaling.v2.", List.of(V2HorizontalPodAutoscaler.class));
        MODELS.put("io.k8s.api.policy.v1.", List.of(V1PodDisruptionBudget.class, V1Eviction.class));
        MODELS.put(
                "io.k8s.api.rbac.v1.",
                List.of(
                        V1Role.class,
                        V1ClusterRole.class,
                        V1RoleBinding.class,
                        V1ClusterRoleBinding.class));
        MODELS.put(
                "io.k8s.api.storage.v1.",
                List.of(
                        V1StorageClass.class,
                        V1VolumeAttachment.class,
                        V1CSIDriver.class,
                        V1CSINode.class,
                        V1CSIStorageCapacity.class));
        MODELS.put("io.k8s.api.scheduling.v1.", List.of(V1PriorityClass.class));
        MODELS.put("io.k8s.api.node.v1.", List.of(V1RuntimeClass.class));
        MODELS.put(
                "io.k8s.api.admissionregistration.v1.",
                List.of(
                        V1MutatingWebhookConfiguration.class,
                        V1ValidatingWebhookConfiguration.class,
                        V1ValidatingAdmissionPolicy.class,
                        V1ValidatingAdmissionPolicyBinding.class));
        MODELS.put(
                "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.",
                List.of(V1CustomResourceDefinition.class));
        MODELS.put("io.k8s.api.certificates.v1.", List.of(V1CertificateSigningRequest.class));
        MODELS.put(
                "io.k8s.api.flowcontrol.v1.",
                List.of(V1FlowSchema.class, V1PriorityLevelConfiguration.class));
        MODELS.put(
                "io.k8s.api.authentication.v1.",
                List.of(
                        AuthenticationV1TokenRequest.class,
                        V1TokenReview.class,
                        V1SelfSubjectReview.class));
        MODELS.put(
                "io.k8s.api.authorization.v1.",
                List.of(
                        V1SubjectAccessReview.class,
                        V1LocalSubjectAccessReview.class,
                        V1SelfSubjectAccessReview.class,
                        V1SelfSubjectRulesReview.class));
    }

    @Test
    void areWhatTheKubernetesModelSays() throws Exception {
        SchemaGenerator generator = new SchemaGenerator();
        for (Map.Entry<String, List<Class<?>>> group : MODELS.entrySet()) {
            for (Class<?> model : group.getValue()) {
                generator.add(model, group.getKey());
            }
        }
        String generated =
                JsonMapper.shared()
                                .writerWithDefaultPrettyPrinter()
                                .writeValueAsString(generator.document())
                        + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(RESOURCE, generated);
        }
        assertThat(Files.readString(RESOURCE)).isEqualTo(generated);
    }
}

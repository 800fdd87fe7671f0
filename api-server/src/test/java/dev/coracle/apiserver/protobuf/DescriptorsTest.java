package dev.coracle.apiserver.protobuf;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.coracle.apiserver.object.Json;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import io.kubernetes.client.proto.V1Admissionregistration;
import io.kubernetes.client.proto.V1Apiextensions;
import io.kubernetes.client.proto.V1Apps;
import io.kubernetes.client.proto.V1Authentication;
import io.kubernetes.client.proto.V1Authorization;
import io.kubernetes.client.proto.V1Autoscaling;
import io.kubernetes.client.proto.V1Batch;
import io.kubernetes.client.proto.V1Certificates;
import io.kubernetes.client.proto.V1Coordination;
import io.kubernetes.client.proto.V1Discovery;
import io.kubernetes.client.proto.V1Events;
import io.kubernetes.client.proto.V1Flowcontrol;
import io.kubernetes.client.proto.V1Networking;
import io.kubernetes.client.proto.V1Node;
import io.kubernetes.client.proto.V1Policy;
import io.kubernetes.client.proto.V1Rbac;
import io.kubernetes.client.proto.V1Scheduling;
import io.kubernetes.client.proto.V1Storage;
import io.kubernetes.client.proto.V2Autoscaling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The descriptors are those of the official Java client, with what they import; rewritten by {@code
 * -Dgolden.update=true}.
 */
class DescriptorsTest {

    private static final Path RESOURCE = Path.of("src/main/resources/schema/descriptors.binpb");
    private static final Path DEFINITIONS = Path.of("src/main/resources/schema/definitions.json");

    @Test
    void areThoseOfTheServedGroups() throws Exception {
        Set<FileDescriptor> files = new LinkedHashSet<>();
        for (FileDescriptor file :
                List.of(
                        Runtime.getDescriptor(),
                        V1.getDescriptor(),
                        V1Admissionregistration.getDescriptor(),
                        V1Apiextensions.getDescriptor(),
                        V1Apps.getDescriptor(),
                        V1Authentication.getDescriptor(),
                        V1Authorization.getDescriptor(),
                        V1Autoscaling.getDescriptor(),
                        V2Autoscaling.getDescriptor(),
                        V1Batch.getDescriptor(),
                        V1Certificates.getDescriptor(),
                        V1Coordination.getDescriptor(),
                        V1Discovery.getDescriptor(),
                        V1Events.getDescriptor(),
                        V1Flowcontrol.getDescriptor(),
                        V1Networking.getDescriptor(),
                        V1Node.getDescriptor(),
                        V1Policy.getDescriptor(),
                        V1Rbac.getDescriptor(),
                        V1Scheduling.getDescriptor(),
                        V1Storage.getDescriptor())) {
            addWithImports(file, files);
        }
        FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
        files.forEach(file -> set.addFile(file.toProto()));
        byte[] generated = set.build().toByteArray();
        if (Boolean.getBoolean("golden.update")) {
            Files.write(RESOURCE, generated);
        }
        assertThat(Files.readAllBytes(RESOURCE)).isEqualTo(generated);
    }

    @Test
    void haveAFieldForEveryPropertyOfTheSchema() throws Exception {
        MessageTypes types = MessageTypes.load();
        Set<String> missing = new TreeSet<>();
        Set<String> compared = new HashSet<>();
        JsonNode definitions = Json.MAPPER.readTree(Files.readAllBytes(DEFINITIONS));
        for (Map.Entry<String, JsonNode> definition : definitions.properties()) {
            String[] name = definition.getKey().split("\\.", -1);
            String kind = name[name.length - 1];
            String group = name[name.length - 3];
            String version = name[name.length - 2];
            types.find(group.equals("core") ? version : group + "/" + version, kind)
                    .ifPresent(message -> {
                        compared.add(kind);
                        Set<String> fields = new HashSet<>(Set.of("apiVersion", "kind"));
                        addJsonNames(message, fields);
                        for (String property :
                                definition.getValue().path("properties").propertyNames()) {
                            if (!fields.contains(property)) {
                                missing.add(kind + "." + property);
                            }
                        }
                    });
        }
        assertThat(missing).isEmpty();
        assertThat(compared)
                .contains(
                        "Deployment",
                        "Service",
                        "Ingress",
                        "Lease",
                        "EndpointSlice",
                        "Scale",
                        "JSONSchemaProps",
                        "MetricSpec");
    }

    private static void addWithImports(FileDescriptor file, Set<FileDescriptor> files) {
        file.getDependencies().forEach(imported -> addWithImports(imported, files));
        files.add(file);
    }

    private static void addJsonNames(Descriptor message, Set<String> names) {
        for (FieldDescriptor field : message.getFields()) {
            if (MessageTree.INLINED.contains(message.getName() + "." + field.getName())) {
                addJsonNames(field.getMessageType(), names);
            } else {
                names.add(MessageTree.jsonName(field));
            }
        }
    }
}

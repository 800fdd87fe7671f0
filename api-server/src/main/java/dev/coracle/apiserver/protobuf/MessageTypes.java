package dev.coracle.apiserver.protobuf;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The messages of the served kinds, from {@code schema/descriptors.binpb}. Immutable. */
final class MessageTypes {

    private static final String RESOURCE = "/schema/descriptors.binpb";
    private static final String APIEXTENSIONS =
            "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.";
    private static final String META = "k8s.io.apimachinery.pkg.apis.meta.v1.";

    private final Map<String, Descriptor> messages = new HashMap<>();

    private MessageTypes(FileDescriptorSet set) throws DescriptorValidationException {
        Map<String, FileDescriptor> built = new HashMap<>();
        // a file comes after those it imports
        for (FileDescriptorProto file : set.getFileList()) {
            FileDescriptor[] imports =
                    file.getDependencyList().stream()
                            .map(built::get)
                            .toArray(FileDescriptor[]::new);
            FileDescriptor descriptor = FileDescriptor.buildFrom(file, imports);
            built.put(file.getName(), descriptor);
            descriptor.getMessageTypes().forEach(type -> messages.put(type.getFullName(), type));
        }
    }

    static MessageTypes load() {
        try (InputStream in = MessageTypes.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is not on the class path");
            }
            return new MessageTypes(FileDescriptorSet.parseFrom(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (DescriptorValidationException e) {
            throw new IllegalStateException(RESOURCE + " is not a valid descriptor set", e);
        }
    }

    /** The envelope of every body. */
    Descriptor envelope() {
        return get("k8s.io.apimachinery.pkg.runtime.Unknown");
    }

    /**
     * The message of a kind. The options of a verb come under the group they are used in, so they
     * are looked for in meta/v1 too.
     */
    Optional<Descriptor> find(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        String group = slash < 0 ? "core" : apiVersion.substring(0, slash);
        String version = apiVersion.substring(slash + 1);
        String owner = group.endsWith(".k8s.io") ? group.substring(0, group.indexOf('.')) : group;
        if (owner.equals("apiextensions")) {
            return Optional.ofNullable(messages.get(APIEXTENSIONS + version + "." + kind));
        }
        Descriptor message = messages.get("k8s.io.api." + owner + "." + version + "." + kind);
        return Optional.ofNullable(message != null ? message : messages.get(META + kind));
    }

    private Descriptor get(String name) {
        Descriptor message = messages.get(name);
        if (message == null) {
            throw new IllegalStateException(RESOURCE + " has no message '" + name + "'");
        }
        return message;
    }
}

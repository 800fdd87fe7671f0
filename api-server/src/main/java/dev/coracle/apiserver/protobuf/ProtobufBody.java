package dev.coracle.apiserver.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.coracle.apiserver.status.ApiException;
import java.util.Arrays;
import tools.jackson.databind.node.ObjectNode;

/** Reads a body of {@value #MEDIA_TYPE}. */
public final class ProtobufBody {

    public static final String MEDIA_TYPE = "application/vnd.kubernetes.protobuf";

    private static final byte[] MAGIC = {'k', '8', 's', 0};
    private static final MessageTypes TYPES = MessageTypes.load();

    private ProtobufBody() {}

    /**
     * The object in the envelope, as JSON with {@code apiVersion} and {@code kind}.
     *
     * @throws ApiException 400 for bytes that are no such envelope, or a kind that is not served
     */
    public static ObjectNode read(byte[] body) {
        if (body.length < MAGIC.length
                || !Arrays.equals(body, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw ApiException.badRequest(
                    "the object provided is unrecognized: it does not start with the bytes"
                            + " 6b 38 73 00 of Kubernetes' protobuf");
        }
        try {
            DynamicMessage envelope =
                    DynamicMessage.parseFrom(
                            TYPES.envelope(),
                            ByteString.copyFrom(body, MAGIC.length, body.length - MAGIC.length));
            DynamicMessage type = (DynamicMessage) value(envelope, "typeMeta");
            String apiVersion = (String) value(type, "apiVersion");
            String kind = (String) value(type, "kind");
            Descriptor message =
                    TYPES.find(apiVersion, kind)
                            .orElseThrow(() ->
                                    ApiException.badRequest(
                                            "no kind \""
                                                    + kind
                                                    + "\" is registered for version \""
                                                    + apiVersion
                                                    + "\" in protobuf"));
            ObjectNode tree =
                    MessageTree.of(
                            DynamicMessage.parseFrom(message, (ByteString) value(envelope, "raw")));
            return tree.put("apiVersion", apiVersion).put("kind", kind);
        } catch (InvalidProtocolBufferException e) {
            throw ApiException.badRequest("the object provided is unrecognized: " + e.getMessage());
        }
    }

    private static Object value(DynamicMessage message, String field) {
        return message.getField(message.getDescriptorForType().findFieldByName(field));
    }
}

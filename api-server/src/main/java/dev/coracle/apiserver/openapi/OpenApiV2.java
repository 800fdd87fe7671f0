package dev.coracle.apiserver.openapi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * {@code GET /openapi/v2} in protobuf: a document without paths or definitions. kubectl comes here
 * only with a kind that no version 3 document knows, and reads that this one does not know it
 * either. In JSON the document is whole: {@link OpenApiDocuments#swagger}.
 */
public final class OpenApiV2 {

    /** The only form client-go asks for: gnostic's {@code openapi.v2.Document}. */
    public static final String PROTOBUF =
            "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /**
     * How the answer is labelled: as kube-apiserver does, without the "@", which is no legal
     * character there.
     */
    public static final String ANSWERED =
            "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private OpenApiV2() {}

    /**
     * {@code Document{swagger: 1, info: 2 {title: 1, version: 2}, paths: 8, definitions: 9}} on the
     * wire.
     */
    public static byte[] protobuf() {
        ByteArrayOutputStream info = new ByteArrayOutputStream();
        field(info, 1, text("Kubernetes"));
        field(info, 2, text("v1.33.0"));
        ByteArrayOutputStream document = new ByteArrayOutputStream();
        field(document, 1, text("2.0"));
        field(document, 2, info.toByteArray());
        field(document, 8, new byte[0]);
        field(document, 9, new byte[0]);
        return document.toByteArray();
    }

    /** A length-delimited field; numbers and lengths below 128. */
    private static void field(ByteArrayOutputStream out, int number, byte[] value) {
        out.write(number << 3 | 2);
        out.write(value.length);
        out.writeBytes(value);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

package dev.coracle.nodeagent.server;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.RuntimeJsonMappingException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** The size of a client's terminal, as clients send it. */
record TerminalSize(@JsonProperty("Width") int width, @JsonProperty("Height") int height) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Reads sizes one after another until the stream ends. */
    static void readAll(InputStream in, Consumer<TerminalSize> each) throws IOException {
        try (MappingIterator<TerminalSize> sizes =
                JSON.readerFor(TerminalSize.class).readValues(in)) {
            while (sizes.hasNextValue()) {
                each.accept(sizes.nextValue());
            }
        } catch (RuntimeJsonMappingException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}

package dev.coracle.apiserver.endpoint;

import java.util.List;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;

/**
 * Puts the pieces of a body into buffers of the connection's own memory, each when the connection
 * asks for it.
 */
final class PieceBuffers {

    private static final int BUFFER_BYTES = 64 * 1024;

    private final List<byte[]> pieces;
    private final DataBufferFactory buffers;
    private int piece;
    private int offset;

    private PieceBuffers(List<byte[]> pieces, DataBufferFactory buffers) {
        this.pieces = pieces;
        this.buffers = buffers;
    }

    static Flux<DataBuffer> of(List<byte[]> pieces, DataBufferFactory buffers) {
        return Flux.generate(
                () -> new PieceBuffers(pieces, buffers),
                (state, sink) -> {
                    state.next(sink);
                    return state;
                });
    }

    private void next(SynchronousSink<DataBuffer> sink) {
        if (piece == pieces.size()) {
            sink.complete();
            return;
        }
        DataBuffer buffer = buffers.allocateBuffer(BUFFER_BYTES);
        int room = BUFFER_BYTES;
        while (room > 0 && piece < pieces.size()) {
            byte[] current = pieces.get(piece);
            int length = Math.min(room, current.length - offset);
            buffer.write(current, offset, length);
            room -= length;
            offset += length;
            if (offset == current.length) {
                piece++;
                offset = 0;
            }
        }
        sink.next(buffer);
    }
}

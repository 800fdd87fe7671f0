package dev.coracle.nodeagent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Messages as they are on the wire, written by hand. */
class WebSocketChannelsTest {

    private final EmbeddedChannel connection = new EmbeddedChannel();

    @Test
    void takesTheFirstByteForTheNumber() {
        WebSocketChannels channels = channels(false);
        InboundPipe stdin = channels.input(0);
        connection.pipeline().addLast(channels);
        send(new byte[] {0, 'h', 'i'});
        send(new byte[] {4, '{', '}'});
        send(new byte[] {});
        send(new byte[] {0, '!'});
        var _ = connection.close();
        assertThat(text(stdin)).isEqualTo("hi!");
    }

    @Test
    void endsTheChannelThatACloseMessageNames() {
        WebSocketChannels channels = channels(false);
        InboundPipe stdin = channels.input(0);
        connection.pipeline().addLast(channels);
        send(new byte[] {0, 'x'});
        send(new byte[] {(byte) 255, 0});
        assertThat(text(stdin)).isEqualTo("x");
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void writesTheNumberBeforeTheBytes() throws Exception {
        WebSocketChannels channels = channels(false);
        connection.pipeline().addLast(channels);
        try (OutputStream stdout = channels.output(1)) {
            stdout.write("out".getBytes(StandardCharsets.UTF_8));
        }
        BinaryWebSocketFrame frame = connection.readOutbound();
        assertThat(frame.content().toString(StandardCharsets.ISO_8859_1)).isEqualTo("\u0001out");
        frame.release();
    }

    @Test
    void readsDigitAndBase64() {
        WebSocketChannels channels = channels(true);
        InboundPipe stdin = channels.input(0);
        connection.pipeline().addLast(channels);
        var _ = connection.writeInbound(new TextWebSocketFrame("0aGVsbG8="));
        var _ = connection.writeInbound(new TextWebSocketFrame("0"));
        var _ = connection.writeInbound(new TextWebSocketFrame("0IQ=="));
        var _ = connection.close();
        assertThat(text(stdin)).isEqualTo("hello!");
    }

    @Test
    void writesDigitAndBase64() throws Exception {
        WebSocketChannels channels = channels(true);
        connection.pipeline().addLast(channels);
        channels.greet(1);
        try (OutputStream stderr = channels.output(2)) {
            stderr.write("hello".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(outbound()).isEqualTo("1");
        assertThat(outbound()).isEqualTo("2aGVsbG8=");
    }

    @Test
    void hangsUpOnWhatIsNotBase64() {
        WebSocketChannels channels = channels(true);
        InboundPipe stdin = channels.input(0);
        connection.pipeline().addLast(channels);
        var _ = connection.writeInbound(new TextWebSocketFrame("0%%"));
        assertThat(connection.isOpen()).isFalse();
        assertThat(text(stdin)).isEmpty();
    }

    @Test
    void answersPingsAndCloses() {
        connection.pipeline().addLast(channels(false));
        var _ =
                connection.writeInbound(
                        new PingWebSocketFrame(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8)));
        PongWebSocketFrame pong = connection.readOutbound();
        assertThat(pong.content().toString(StandardCharsets.UTF_8)).isEqualTo("x");
        pong.release();
        var _ = connection.writeInbound(new CloseWebSocketFrame(1000, ""));
        CloseWebSocketFrame close = connection.readOutbound();
        assertThat(close.statusCode()).isEqualTo(1000);
        close.release();
        assertThat(connection.isOpen()).isFalse();
    }

    private WebSocketChannels channels(boolean base64) {
        return new WebSocketChannels(connection, base64, () -> {});
    }

    private void send(byte[] message) {
        var _ = connection.writeInbound(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message)));
    }

    private String outbound() {
        TextWebSocketFrame frame = connection.readOutbound();
        try {
            return frame.text();
        } finally {
            frame.release();
        }
    }

    private static String text(InboundPipe pipe) {
        StringBuilder text = new StringBuilder();
        for (int next = pipe.read(); next >= 0; next = pipe.read()) {
            text.append((char) next);
        }
        return text.toString();
    }
}

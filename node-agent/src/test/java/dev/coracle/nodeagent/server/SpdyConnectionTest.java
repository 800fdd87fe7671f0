package dev.coracle.nodeagent.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpdyConnectionTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<SpdyStream> streams = new ArrayList<>();

    @BeforeEach
    void connect() {
        channel.pipeline().addLast(new SpdyConnection(channel, streams::add, () -> {}));
    }

    @Test
    void answersAStreamWithAHeader() {
        open(1, "stdin");
        SpdySynReplyFrame reply = channel.readOutbound();
        assertThat(reply.streamId()).isEqualTo(1);
        assertThat(reply.headers().names()).isNotEmpty();
        assertThat(streams)
                .singleElement()
                .extracting(s -> s.header("streamtype"))
                .isEqualTo("stdin");
    }

    @Test
    void givesEachStreamItsBytes() {
        open(1, "stdin");
        open(3, "resize");
        data(1, "one", false);
        data(3, "two", true);
        data(1, "!", true);
        data(9, "nobody's", true);
        assertThat(text(streams.get(0).input())).isEqualTo("one!");
        assertThat(text(streams.get(1).input())).isEqualTo("two");
    }

    @Test
    void sendsBytesAndTheirEnd() throws Exception {
        open(5, "stdout");
        var _ = channel.readOutbound();
        streams.getFirst().output().write("out".getBytes(StandardCharsets.UTF_8));
        streams.getFirst().output().close();
        SpdyDataFrame first = channel.readOutbound();
        assertThat(first.streamId()).isEqualTo(5);
        assertThat(first.content().toString(StandardCharsets.UTF_8)).isEqualTo("out");
        assertThat(first.isLast()).isFalse();
        first.release();
        SpdyDataFrame last = channel.readOutbound();
        assertThat(last.isLast()).isTrue();
        assertThat(ByteBufUtil.getBytes(last.content())).isEmpty();
    }

    @Test
    void endsTheInputOfAStreamThatIsReset() {
        open(1, "stdin");
        var _ = channel.writeInbound(new DefaultSpdyRstStreamFrame(1, SpdyStreamStatus.CANCEL));
        assertThat(text(streams.getFirst().input())).isEmpty();
    }

    @Test
    void refusesAStreamThatCannotBeRead() {
        DefaultSpdySynStreamFrame syn = new DefaultSpdySynStreamFrame(1, 0, (byte) 0);
        syn.setInvalid();
        var _ = channel.writeInbound(syn);
        SpdyRstStreamFrame reset = channel.readOutbound();
        assertThat(reset.status()).isEqualTo(SpdyStreamStatus.REFUSED_STREAM);
        assertThat(streams).isEmpty();
    }

    @Test
    void answersTheClientsPingsOnly() {
        var _ = channel.writeInbound(new DefaultSpdyPingFrame(2));
        var _ = channel.writeInbound(new DefaultSpdyPingFrame(3));
        SpdyPingFrame answer = channel.readOutbound();
        assertThat(answer.id()).isEqualTo(3);
        assertThat(channel.outboundMessages()).isEmpty();
    }

    @Test
    void endsAllInputsWithTheConnection() {
        open(1, "stdin");
        var _ = channel.close();
        assertThat(text(streams.getFirst().input())).isEmpty();
    }

    private void open(int id, String type) {
        DefaultSpdySynStreamFrame syn = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
        syn.headers().set("streamtype", type);
        var _ = channel.writeInbound(syn);
    }

    private void data(int id, String text, boolean last) {
        var _ =
                channel.writeInbound(
                        new DefaultSpdyDataFrame(
                                        id, Unpooled.copiedBuffer(text, StandardCharsets.UTF_8))
                                .setLast(last));
    }

    private static String text(InboundPipe pipe) {
        StringBuilder text = new StringBuilder();
        for (int next = pipe.read(); next >= 0; next = pipe.read()) {
            text.append((char) next);
        }
        return text.toString();
    }
}

package dev.coracle.nodeagent.serviceproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Backend;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Front;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Kind;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Protocol;
import dev.coracle.nodeagent.serviceproxy.ServiceRule.Targets;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClientChoiceTest {

    private static final Front FRONT = new Front(Kind.BALANCER, "10.88.0.9", 80);

    private long nanos;
    private final ClientChoice choice =
            new ClientChoice(
                    new NodeNetwork(
                            "n",
                            List.of("10.89.0.11"),
                            Cidr.of("10.244.1.0/24"),
                            AddressPlan.defaults()),
                    () -> nanos);

    private static ServiceRule rule(int affinity, List<Cidr> ranges, int backends) {
        List<Backend> all =
                IntStream.range(1, backends + 1)
                        .mapToObj(i -> new Backend("10.244.2." + i, 3000))
                        .toList();
        return new ServiceRule(
                "default/web", Protocol.TCP, List.of(FRONT), Targets.all(all), affinity, ranges);
    }

    private InetSocketAddress chosen() {
        return choice.candidates(new InetSocketAddress("10.244.1.5", 40000)).getFirst();
    }

    @Test
    void keepsAClientUntilItHasBeenSilentForTheTimeout() {
        choice.replace(rule(125, List.of(), 3), FRONT);
        InetSocketAddress first = chosen();
        for (int i = 0; i < 5; i++) {
            nanos += TimeUnit.SECONDS.toNanos(124);
            assertThat(chosen()).isEqualTo(first);
        }
        nanos += TimeUnit.SECONDS.toNanos(126);
        assertThat(chosen()).isNotEqualTo(first);
    }

    @Test
    void refusesWhoIsInNoSourceRange() {
        choice.replace(rule(0, List.of(Cidr.of("10.89.0.0/24")), 1), FRONT);
        assertThat(choice.candidates(new InetSocketAddress("10.244.1.5", 1))).isEmpty();
        assertThat(choice.candidates(new InetSocketAddress("10.89.0.2", 1))).hasSize(1);
    }

    @Test
    void refusesEverybodyBeforeItIsTold() {
        assertThat(choice.candidates(new InetSocketAddress("10.244.1.5", 1))).isEmpty();
    }
}

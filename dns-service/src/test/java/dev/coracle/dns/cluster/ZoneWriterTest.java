package dev.coracle.dns.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.dns.chain.Answer;
import dev.coracle.dns.cluster.ZoneProperties.PodRecords;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.RecordType;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.net.Inet4Address;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class ZoneWriterTest {

    private final ZoneWriter writer =
            new ZoneWriter(ClusterObjects.properties(PodRecords.INSECURE));

    private static Optional<Answer> ask(Zone zone, String name, int type) {
        return zone.answer(new Question(DnsName.of(name), type, Question.IN));
    }

    @Test
    void forgetsANameAndThoseAboveItWithTheService() {
        writer.set("shop", "web", ClusterObjects.web(), List.of());
        assertThat(ask(writer.zone(), "shop.svc.cluster.local", RecordType.A).orElseThrow())
                .isInstanceOf(Answer.NoData.class);
        writer.set("shop", "web", null, List.of());
        assertThat(ask(writer.zone(), "web.shop.svc.cluster.local", RecordType.A).orElseThrow())
                .isInstanceOf(Answer.NxDomain.class);
        assertThat(ask(writer.zone(), "shop.svc.cluster.local", RecordType.A).orElseThrow())
                .isInstanceOf(Answer.NxDomain.class);
        assertThat(writer.services()).isZero();
    }

    @Test
    void keepsTheNameOfAnAddressThatTwoServicesHave() {
        Service one = ClusterObjects.headless("one");
        Service two = ClusterObjects.headless("two");
        writer.set("shop", "one", one, List.of(ClusterObjects.slice("one", 1, 2)));
        writer.set("shop", "two", two, List.of(ClusterObjects.slice("two", 1, 2)));
        writer.set("shop", "one", null, List.of());
        assertThat(ask(writer.zone(), "1.5.244.10.in-addr.arpa", RecordType.PTR).orElseThrow())
                .asInstanceOf(InstanceOfAssertFactories.type(Answer.Records.class))
                .satisfies(records ->
                        assertThat(records.answers().getFirst().data().text())
                                .isEqualTo("PTR 10-244-5-1.two.shop.svc.cluster.local"));
    }

    @Test
    void givesTheZoneAnotherSerialWhenSomethingChanged() {
        String before = soa();
        writer.set("shop", "web", ClusterObjects.web(), List.of());
        String after = soa();
        writer.set("shop", "web", ClusterObjects.web(), List.of());
        assertThat(after).isNotEqualTo(before);
        assertThat(soa()).isEqualTo(after);
    }

    private String soa() {
        return ((Answer.Records) ask(writer.zone(), "cluster.local", RecordType.SOA).orElseThrow())
                .answers()
                .getFirst()
                .data()
                .text();
    }

    @Test
    void saysAfterManyChangesWhatAFreshZoneSays() {
        Random random = new Random(7);
        Map<String, List<EndpointSlice>> now = new HashMap<>();
        for (int i = 0; i < 3000; i++) {
            String name = "s" + random.nextInt(20);
            if (random.nextInt(4) == 0) {
                now.remove(name);
                writer.set("shop", name, null, List.of());
            } else {
                int from = random.nextInt(60);
                List<EndpointSlice> slices =
                        List.of(ClusterObjects.slice(name, from, from + random.nextInt(10)));
                now.put(name, slices);
                writer.set("shop", name, service(name), slices);
            }
        }
        ZoneWriter fresh = new ZoneWriter(ClusterObjects.properties(PodRecords.INSECURE));
        now.forEach((name, slices) -> fresh.set("shop", name, service(name), slices));
        for (int i = 0; i < 20; i++) {
            for (int type : new int[] {RecordType.A, RecordType.SRV}) {
                assertAlike(fresh, "s" + i + ".shop.svc.cluster.local", type);
            }
        }
        for (int i = 0; i < 70; i++) {
            assertAlike(fresh, i + ".5.244.10.in-addr.arpa", RecordType.PTR);
        }
        assertThat(writer.services()).isEqualTo(fresh.services());
    }

    private static Service service(String name) {
        return name.endsWith("3")
                ? new ServiceBuilder(ClusterObjects.headless(name))
                        .editSpec()
                        .withClusterIP("10.96.1.3")
                        .endSpec()
                        .build()
                : ClusterObjects.headless(name);
    }

    private void assertAlike(ZoneWriter fresh, String name, int type) {
        assertThat(texts(ask(writer.zone(), name, type)))
                .as(name)
                .containsExactlyInAnyOrderElementsOf(texts(ask(fresh.zone(), name, type)));
    }

    private static List<String> texts(Optional<Answer> answer) {
        return answer.isPresent() && answer.get() instanceof Answer.Records records
                ? records.answers().stream().map(r -> r.name() + " " + r.data().text()).toList()
                : List.of(answer.map(a -> a.getClass().getSimpleName()).orElse("none"));
    }

    @Test
    void verifiesPodsOnlyWhenAsked() {
        String name = "10-244-0-9.shop.pod.cluster.local";
        ZoneWriter none = new ZoneWriter(ClusterObjects.properties(PodRecords.DISABLED));
        assertThat(ask(none.zone(), name, RecordType.A).orElseThrow())
                .isInstanceOf(Answer.NxDomain.class);
        ZoneWriter verified = new ZoneWriter(ClusterObjects.properties(PodRecords.VERIFIED));
        assertThat(ask(verified.zone(), name, RecordType.A).orElseThrow())
                .isInstanceOf(Answer.NxDomain.class);
        verified.pods().add("shop", Inet4Address.ofLiteral("10.244.0.9"));
        assertThat(ask(verified.zone(), name, RecordType.A).orElseThrow())
                .isInstanceOf(Answer.Records.class);
        assertThat(ask(verified.zone(), name.replace("shop", "other"), RecordType.A).orElseThrow())
                .isInstanceOf(Answer.NxDomain.class);
    }
}

package dev.coracle.apiserver.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.registry.BuiltInResources;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.core.service.ClusterIpAllocator;
import dev.coracle.apiserver.registry.core.service.NodePortAllocator;
import dev.coracle.apiserver.registry.core.service.ServiceStrategy;
import dev.coracle.apiserver.watch.CachedObject;
import dev.coracle.apiserver.watch.WatchEvent;
import dev.coracle.apiserver.watch.WatchFrame;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventLinesTest {

    private final List<ResourceStrategy> strategies =
            BuiltInResources.all(
                    new ServiceStrategy(
                            new ClusterIpAllocator("10.96.0.0/16", new Random(1)),
                            new NodePortAllocator(new Random(1))));
    private final EventLines lines = new EventLines();
    private int encoded;

    @Test
    void encodesAnEventOnceForAllWatchers() {
        CachedObject object = object(7);
        byte[] first = line(object, WatchEvent.Type.ADDED, 0);
        assertThat(line(object, WatchEvent.Type.ADDED, 0)).isSameAs(first);
        assertThat(encoded).isEqualTo(1);
    }

    @Test
    void tellsTypesVersionsAndObjectsApart() {
        CachedObject object = object(7);
        line(object, WatchEvent.Type.ADDED, 0);
        line(object, WatchEvent.Type.MODIFIED, 0);
        line(object, WatchEvent.Type.MODIFIED, 1);
        line(object(7), WatchEvent.Type.MODIFIED, 1);
        line(object(7 + 64), WatchEvent.Type.MODIFIED, 1);
        assertThat(encoded).isEqualTo(5);
    }

    @Test
    void makesAgainWhatItHasLost() {
        CachedObject object = object(7);
        byte[] first = line(object, WatchEvent.Type.ADDED, 0);
        line(object(7 + 64), WatchEvent.Type.ADDED, 0);
        assertThat(line(object, WatchEvent.Type.ADDED, 0)).isEqualTo(first);
        assertThat(encoded).isEqualTo(3);
    }

    private byte[] line(CachedObject object, WatchEvent.Type type, int strategy) {
        return lines.of(
                new WatchFrame.Change(type, object),
                strategies.get(strategy),
                () -> {
                    encoded++;
                    return (type + " " + object.revision()).getBytes(StandardCharsets.UTF_8);
                });
    }

    private static CachedObject object(long revision) {
        return new CachedObject(
                new NamespacedName("", "a"), revision, new byte[] {'{', '}'}, _ -> Map.of());
    }
}

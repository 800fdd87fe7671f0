package dev.coracle.apiserver.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.selector.FieldSelector;
import dev.coracle.apiserver.selector.LabelSelector;
import dev.coracle.apiserver.selector.Selection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListenerIndexTest {

    private final ListenerIndex index = new ListenerIndex();
    private final List<String> heard = new ArrayList<>();

    @Test
    void tellsOnlyThoseOfTheNodeTheNamespaceAndOfEverything() {
        listen("all", "", "");
        listen("shop", "shop", "");
        listen("depot", "depot", "");
        for (int i = 0; i < 100; i++) {
            listen("node-" + i, "", "spec.nodeName=node-" + i);
        }
        index.tell(new WatchEvent.Added(pod("shop", "node-7")));
        assertThat(heard).containsExactly("all", "shop", "node-7");
    }

    @Test
    void tellsWhereAnObjectWasAndWhereItIs() {
        listen("none", "", "spec.nodeName=");
        listen("node-1", "", "spec.nodeName=node-1,status.phase!=Failed");
        index.tell(new WatchEvent.Added(pod("shop", "")));
        index.tell(new WatchEvent.Modified(pod("shop", ""), pod("shop", "node-1")));
        index.tell(new WatchEvent.Deleted(pod("shop", "node-1"), pod("shop", "node-1")));
        assertThat(heard).containsExactly("none", "node-1", "none", "node-1");
    }

    @Test
    void tellsThoseWhoOnlyExcludeOfEverything() {
        listen("others", "", "spec.nodeName!=node-1");
        index.tell(new WatchEvent.Added(pod("shop", "node-2")));
        assertThat(heard).containsExactly("others");
    }

    @Test
    void keepsNothingOfThoseWhoWent() {
        Runnable one = listen("a", "", "spec.nodeName=node-1");
        Runnable other = listen("b", "", "spec.nodeName=node-1");
        assertThat(index.size()).isEqualTo(2);
        one.run();
        one.run();
        index.tell(new WatchEvent.Added(pod("shop", "node-1")));
        assertThat(heard).containsExactly("b");
        other.run();
        assertThat(index.size()).isZero();
    }

    private Runnable listen(String who, String namespace, String fields) {
        Selection selection =
                new Selection(
                        namespace,
                        LabelSelector.parse(""),
                        FieldSelector.parse(fields, Set.of("spec.nodeName", "status.phase")));
        return index.add(selection, _ -> heard.add(who));
    }

    private static CachedObject pod(String namespace, String node) {
        return new CachedObject(
                new NamespacedName(namespace, "web"),
                1,
                "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"nodeName\":\"%s\"}}"
                        .formatted(node)
                        .getBytes(StandardCharsets.UTF_8),
                ListenerIndexTest::fields);
    }

    private static Map<String, String> fields(ApiObject pod) {
        return Map.of("spec.nodeName", pod.tree().path("spec").path("nodeName").asString(""));
    }
}

package dev.coracle.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.object.NamespacedName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every store must do. A subclass gives a log that keeps its entries over a restart. */
abstract class StoreConformance {

    private final List<Revision> followed = new ArrayList<>();
    private Store store = new LogStore(new MemoryLog());

    /** A log with all that was appended to the earlier ones of this test. */
    abstract RevisionLog openLog();

    private final List<Long> compactions = new ArrayList<>();

    private long start() {
        return start(Integer.MAX_VALUE);
    }

    private long start(int maxHistory) {
        followed.clear();
        compactions.clear();
        store = new LogStore(openLog(), maxHistory);
        return store.start(
                new Follower() {
                    @Override
                    public void accept(Revision entry) {
                        followed.add(entry);
                    }

                    @Override
                    public void compacted(long revision) {
                        compactions.add(revision);
                    }
                });
    }

    private long restart() {
        store.close();
        return start();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static ObjectKey key(String name) {
        return new ObjectKey("things", new NamespacedName("default", name));
    }

    private static Write.Encoder text(String text) {
        return revision -> (text + "@" + revision).getBytes(StandardCharsets.UTF_8);
    }

    private WriteOutcome write(Write write) {
        return store.write(write).join();
    }

    private long written(Write write) {
        return ((WriteOutcome.Written) write(write)).revision().number();
    }

    @Test
    void numbersWritesInOneOrderAndFollowsThem() {
        start();
        long first = written(new Write.Create(key("a"), text("a")));
        long second = written(new Write.Create(key("b"), text("b")));
        assertThat(second).isGreaterThan(first);
        assertThat(followed).extracting(Revision::number).containsExactly(first, second);
        assertThat(new String(followed.getFirst().json(), StandardCharsets.UTF_8))
                .isEqualTo("a@" + first);
    }

    @Test
    void refusesACreateOfWhatIsThere() {
        start();
        written(new Write.Create(key("a"), text("a")));
        assertThat(write(new Write.Create(key("a"), text("x"))))
                .isEqualTo(new WriteOutcome.AlreadyExists());
        assertThat(followed).hasSize(1);
    }

    @Test
    void comparesTheRevisionBeforeItSets() {
        start();
        long first = written(new Write.Create(key("a"), text("a")));
        long second = written(new Write.Update(key("a"), first, text("b")));
        assertThat(write(new Write.Update(key("a"), first, text("c"))))
                .isEqualTo(new WriteOutcome.Conflict(second));
        assertThat(write(new Write.Delete(key("a"), first, text("c"))))
                .isEqualTo(new WriteOutcome.Conflict(second));
    }

    @Test
    void deletesAndLetsTheNameBeTakenAgain() {
        start();
        long first = written(new Write.Create(key("a"), text("a")));
        written(new Write.Delete(key("a"), first, text("last")));
        assertThat(followed.getLast().deleted()).isTrue();
        assertThat(write(new Write.Update(key("a"), first, text("b"))))
                .isEqualTo(new WriteOutcome.NotFound());
        assertThat(write(new Write.Create(key("a"), text("again"))))
                .isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void keepsEverythingOverARestart() {
        start();
        long first = written(new Write.Create(key("a"), text("a")));
        long second = written(new Write.Update(key("a"), first, text("b")));
        long third = written(new Write.Create(key("b"), text("c")));
        long fourth = written(new Write.Delete(key("b"), third, text("d")));
        assertThat(restart()).isEqualTo(fourth);
        assertThat(followed).extracting(Revision::number).contains(second, fourth).isSorted();
        assertThat(write(new Write.Create(key("a"), text("x"))))
                .isEqualTo(new WriteOutcome.AlreadyExists());
        assertThat(written(new Write.Create(key("b"), text("x")))).isGreaterThan(fourth);
    }

    @Test
    void decidesWritesOfOneBatchAgainstEachOther() {
        start();
        List<CompletableFuture<WriteOutcome>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(store.write(new Write.Create(key("same"), text("x"))));
        }
        assertThat(answers.stream().map(CompletableFuture::join))
                .filteredOn(WriteOutcome.Written.class::isInstance)
                .hasSize(1);
    }

    @Test
    void refusesOnlyTheWriteThatIsTooLarge() {
        start();
        CompletableFuture<WriteOutcome> large =
                store.write(
                        new Write.Create(
                                key("large"), _ -> new byte[RevisionLog.MAX_OBJECT_BYTES + 1]));
        CompletableFuture<WriteOutcome> good =
                store.write(
                        new Write.Create(key("good"), _ -> new byte[RevisionLog.MAX_OBJECT_BYTES]));
        assertThat(large.join())
                .isEqualTo(new WriteOutcome.TooLarge(RevisionLog.MAX_OBJECT_BYTES + 1));
        assertThat(good.join()).isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void refusesOnlyTheWriteThatCannotBeEncoded() {
        start();
        CompletableFuture<WriteOutcome> bad =
                store.write(
                        new Write.Create(
                                key("bad"),
                                _ -> {
                                    throw new IllegalArgumentException("no");
                                }));
        CompletableFuture<WriteOutcome> good =
                store.write(new Write.Create(key("good"), text("x")));
        assertThatThrownBy(bad::join).hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(good.join()).isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void keepsOnlyTheNewestOfEachObjectOfCompactedHistory() {
        start();
        long first = written(new Write.Create(key("a"), text("a")));
        long second = written(new Write.Update(key("a"), first, text("b")));
        long third = written(new Write.Create(key("gone"), text("c")));
        long fourth = written(new Write.Delete(key("gone"), third, text("d")));
        long fifth = written(new Write.Update(key("a"), second, text("e")));
        long sixth = written(new Write.Update(key("a"), fifth, text("f")));
        store.compact(fourth);
        assertThat(restart()).isEqualTo(sixth);
        assertThat(compactions).containsExactly(fourth);
        assertThat(followed).extracting(Revision::number).containsExactly(second, fifth, sixth);
        assertThat(write(new Write.Update(key("a"), sixth, text("g"))))
                .isInstanceOf(WriteOutcome.Written.class);
    }

    @Test
    void doesNotGoBackWhenTheNewestEntryIsCompactedAway() {
        start();
        long first = written(new Write.Create(key("a"), text("a")));
        long second = written(new Write.Delete(key("a"), first, text("b")));
        store.compact(second);
        assertThat(restart()).isEqualTo(second);
        assertThat(followed).isEmpty();
        assertThat(written(new Write.Create(key("a"), text("c")))).isGreaterThan(second);
    }

    @Test
    void doesNotGoBackToAnOlderObjectThatIsLeft() {
        start();
        written(new Write.Create(key("a"), text("a")));
        long second = written(new Write.Create(key("b"), text("b")));
        long third = written(new Write.Delete(key("b"), second, text("c")));
        store.compact(third);
        assertThat(restart()).isEqualTo(third);
        assertThat(written(new Write.Create(key("b"), text("d")))).isGreaterThan(third);
    }

    @Test
    void doesNotCompactTheFuture() {
        start();
        long first = written(new Write.Create(key("a"), text("a")));
        store.compact(first + 10);
        assertThat(restart()).isEqualTo(first);
        assertThat(compactions).containsExactly(first);
    }

    @Test
    void compactsByItselfWhenThereIsTooMuchHistory() {
        start(100);
        long last = written(new Write.Create(key("a"), text("a")));
        for (int i = 0; i < 400; i++) {
            last = written(new Write.Update(key("a"), last, text("a")));
        }
        store.close();
        assertThat(start()).isEqualTo(last);
        assertThat(followed).hasSizeLessThan(160);
        assertThat(compactions.getFirst()).isGreaterThan(last - 160);
    }
}

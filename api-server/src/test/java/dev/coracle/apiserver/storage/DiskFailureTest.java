package dev.coracle.apiserver.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.storage.StoreException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A store whose disk fails while it is written to. */
class DiskFailureTest {

    @TempDir private Path directory;

    private final List<Long> followed = new ArrayList<>();
    private final List<Long> foreign = new ArrayList<>();
    private Store store = new LogStore(new MemoryLog());

    @AfterEach
    void close() {
        FailingDisk.heal();
        store.close();
    }

    private long start() throws IOException {
        followed.clear();
        store = new LogStore(FailingDisk.log(directory));
        return store.start(
                new Follower() {
                    @Override
                    public void accept(Revision entry) {
                        followed.add(entry.number());
                    }

                    @Override
                    public void foreign(Revision entry) {
                        foreign.add(entry.number());
                    }
                });
    }

    private long create(String name) {
        return ((WriteOutcome.Written)
                        store.write(
                                        new Write.Create(
                                                new ObjectKey(
                                                        "things",
                                                        new NamespacedName("default", name)),
                                                revision ->
                                                        (name + "@" + revision)
                                                                .getBytes(StandardCharsets.UTF_8)))
                                .join())
                .revision()
                .number();
    }

    private Reason refusal(String name) {
        Throwable refused = catchThrowable(() -> create(name));
        assertThat(refused).hasCauseInstanceOf(StoreException.class);
        return ((StoreException) Objects.requireNonNull(refused.getCause())).reason();
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                argumentSet("full", "No space left on device", Reason.FULL),
                argumentSet("over its quota", "Disk quota exceeded", Reason.FULL),
                argumentSet("read-only", "Read-only file system", Reason.READ_ONLY),
                argumentSet("broken", "Input/output error", Reason.UNAVAILABLE));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void refusesWritesAndTakesThemAgainWithoutARestart(String message, Reason reason)
            throws IOException {
        start();
        long first = create("a");
        FailingDisk.fail(FailingDisk.Operation.WRITE, message);
        assertThat(refusal("b")).isEqualTo(reason);
        assertThat(refusal("c")).isEqualTo(reason);
        assertThat(store.isOpen()).isTrue();
        FailingDisk.heal();
        long second = create("b");
        long third = create("c");
        assertThat(followed).containsExactly(first, second, third);
        store.close();
        assertThat(start()).isEqualTo(third);
        assertThat(followed).containsExactly(first, second, third);
    }

    /** Whether the write is there is not known until the disk answers; then it is, to everybody. */
    @Test
    void findsOutWhatBecameOfAWriteThatCouldNotBeSynchronized() throws IOException {
        start();
        create("a");
        FailingDisk.fail(FailingDisk.Operation.SYNCHRONIZE, "Input/output error");
        assertThat(refusal("b")).isEqualTo(Reason.UNAVAILABLE);
        FailingDisk.heal();
        long last = create("c");
        assertThat(followed).isSorted().doesNotHaveDuplicates().endsWith(last);
        assertThat(followed).containsAll(foreign);
        List<Long> before = List.copyOf(followed);
        store.close();
        assertThat(start()).isEqualTo(last);
        assertThat(followed).isEqualTo(before);
    }
}

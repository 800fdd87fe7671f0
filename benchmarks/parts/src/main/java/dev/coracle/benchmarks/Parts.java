package dev.coracle.benchmarks;

import dev.coracle.apiserver.managedfields.FieldOwnership;
import dev.coracle.apiserver.managedfields.Writer;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.schema.StructuralCheck;
import dev.coracle.apiserver.status.FieldError;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The steps of a write, each alone, on one pod. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the state up
public class Parts {

    private static final String DEFINITION = "io.k8s.api.core.v1.Pod";
    private static final Writer WRITER = new Writer("benchmark", "v1", "");
    private static final String NOW = "2026-01-02T03:04:05Z";

    private final SchemaCatalog catalog = SchemaCatalog.load();
    private final StructuralCheck structure = new StructuralCheck(catalog);
    private final FieldOwnership ownership = new FieldOwnership(catalog);
    private final FieldOwnership.Kind kind =
            new FieldOwnership.Kind(catalog.struct(DEFINITION), true, List.of("status"));
    private final byte[] json = Samples.pod(1);
    private ResourceStrategy pods;
    private ApiObject whole;
    private ApiObject owned;

    @Setup(Level.Trial)
    public void make() {
        pods = Samples.pods(Samples.resources());
        whole = ApiObject.parse(json);
        pods.applyDefaults(whole);
        owned = whole.copy();
        ownership.update(null, owned, kind, WRITER, NOW);
    }

    @Benchmark
    public ApiObject parse() {
        return ApiObject.parse(json);
    }

    @Benchmark
    public StructuralCheck.Pruned prune() {
        return structure.prune(whole.tree(), DEFINITION);
    }

    @Benchmark
    public ApiObject parseAndDefault() {
        ApiObject pod = ApiObject.parse(json);
        pods.applyDefaults(pod);
        return pod;
    }

    @Benchmark
    public List<FieldError> validate() {
        return pods.validateCreate(whole);
    }

    @Benchmark
    public ApiObject copyAndOwnNew() {
        ApiObject pod = whole.copy();
        ownership.update(null, pod, kind, WRITER, NOW);
        return pod;
    }

    @Benchmark
    public ApiObject copyAndOwnChange() {
        ApiObject pod = owned.copy();
        Json.object(pod.metadata(), "labels").put("turn", "2");
        ownership.update(owned, pod, kind, WRITER, NOW);
        return pod;
    }

    @Benchmark
    public byte[] encode() {
        return owned.toBytes();
    }
}

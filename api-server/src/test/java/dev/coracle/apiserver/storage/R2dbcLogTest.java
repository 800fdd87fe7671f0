package dev.coracle.apiserver.storage;

import io.r2dbc.spi.ConnectionFactories;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** On an H2 file, as the API server opens it. */
class R2dbcLogTest extends StoreConformance {

    @TempDir private Path directory;

    @Override
    RevisionLog openLog() {
        return new R2dbcLog(
                ConnectionFactories.get(
                        "r2dbc:h2:file:///" + directory.resolve("log") + "?options=WRITE_DELAY=0"));
    }
}

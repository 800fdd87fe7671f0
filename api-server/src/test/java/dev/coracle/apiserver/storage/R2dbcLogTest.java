package dev.coracle.apiserver.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** On an H2 file, as the API server opens it. */
class R2dbcLogTest extends StoreConformance {

    @TempDir private Path directory;

    @Override
    RevisionLog openLog() {
        try {
            return new R2dbcLog(LogAddress.inDirectory(directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.coracle.nodeagent.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostPathsTest {

    @TempDir Path folder;

    @Test
    void makesWhatItsTypeSays() throws Exception {
        assertThat(HostPaths.check(folder + "/d", "DirectoryOrCreate")).isDirectory();
        assertThat(HostPaths.check(folder + "/f", "FileOrCreate")).isRegularFile();
        assertThat(HostPaths.check("/dev/null", "CharDevice")).exists();
    }

    @Test
    void refusesWhatIsOfAnotherKind() {
        assertThatThrownBy(() -> HostPaths.check(folder.toString(), "File"))
                .isInstanceOf(IOException.class)
                .hasMessage("hostPath type check failed: " + folder + " is not a file");
        assertThatThrownBy(() -> HostPaths.check(folder + "/none", "Directory"))
                .hasMessageEndingWith("/none is not a directory");
        assertThatThrownBy(() -> HostPaths.check("/dev/null", "Socket"))
                .hasMessageEndingWith("is not a socket file");
    }
}

package dev.coracle.nodeagent.runtime;

import dev.coracle.fabric.island.Mounts;
import dev.coracle.fabric.island.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A folder with the node's programs that begin a container, and the libraries that they need, for
 * containers whose file system has none. Made when first asked for. Thread-safe.
 */
final class CarriedTools {

    private static final int PROGRAM_HEADERS = 32;
    private static final int HEADER_SIZE = 54;
    private static final int HEADER_COUNT = 56;
    private static final int INTERPRETER = 3;

    private final Path folder;
    private final HostTools tools;
    private @Nullable Carried carried;

    /** Tools to be copied below {@code folder}. */
    CarriedTools(Path folder, HostTools tools) {
        this.folder = folder;
        this.tools = tools;
    }

    /**
     * What was copied.
     *
     * @param interpreter file name of what loads the programs; empty if they need nothing
     */
    record Carried(Path folder, String interpreter) {}

    synchronized Carried carry() throws IOException {
        Carried known = carried;
        if (known != null) {
            return known;
        }
        Set<Path> files = new LinkedHashSet<>();
        String interpreter = "";
        for (String tool : List.of(tools.setpriv(), tools.umount())) {
            files.add(Path.of(tool));
            String needs = interpreter(Files.readAllBytes(Path.of(tool)));
            if (!needs.isEmpty()) {
                interpreter = Path.of(needs).getFileName().toString();
                files.add(Path.of(needs));
                for (String word : Tool.run(needs, "--list", tool).split("\\s+", -1)) {
                    if (word.startsWith("/")) {
                        files.add(Path.of(word));
                    }
                }
            }
        }
        Carried made = new Carried(copies(files), interpreter);
        carried = made;
        return made;
    }

    /** A folder of these very files: containers of an earlier agent may have it mounted. */
    private Path copies(Set<Path> files) throws IOException {
        StringBuilder states = new StringBuilder();
        for (Path file : files) {
            states.append(file).append(' ').append(Files.size(file)).append(' ');
            states.append(Files.getLastModifiedTime(file)).append('\n');
        }
        String name =
                UUID.nameUUIDFromBytes(states.toString().getBytes(StandardCharsets.UTF_8))
                        .toString();
        Path target = folder.resolve(name);
        if (!Files.isDirectory(target)) {
            Path part = folder.resolve(name + ".part");
            Mounts.removeBelow(part);
            Files.createDirectories(part);
            for (Path file : files) {
                copy(file, part);
            }
            Path _ = Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        }
        return target;
    }

    private static void copy(Path file, Path to) throws IOException {
        Path target = to.resolve(file.getFileName().toString());
        if (!Files.exists(target)) {
            Path _ = Files.copy(file.toRealPath(), target, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    /** What a program of 64 bits names as its loader, by elf(5); empty if it has none. */
    static String interpreter(byte[] program) {
        ByteBuffer elf = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        int at = (int) elf.getLong(PROGRAM_HEADERS);
        for (int i = 0; i < elf.getShort(HEADER_COUNT); i++) {
            int header = at + i * elf.getShort(HEADER_SIZE);
            if (elf.getInt(header) == INTERPRETER) {
                int offset = (int) elf.getLong(header + 8);
                int length = (int) elf.getLong(header + 32) - 1;
                return new String(program, offset, length, StandardCharsets.UTF_8);
            }
        }
        return "";
    }
}

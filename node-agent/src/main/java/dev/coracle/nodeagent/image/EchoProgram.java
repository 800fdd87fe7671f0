package dev.coracle.nodeagent.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Installs the class files of {@code coracle/echo} where its processes can load them. */
public final class EchoProgram {

    private static final String PACKAGE = "dev/coracle/nodeagent/echo/";
    private static final List<String> CLASSES =
            List.of(
                    "EchoMain",
                    "EchoMain$Udp",
                    "EchoMain$Drain",
                    "Connection",
                    "Request",
                    "Answer");

    private EchoProgram() {}

    /**
     * Copies the program below {@code folder} and returns the command that starts it with this
     * JVM's own {@code java}.
     */
    public static List<String> install(Path folder) throws IOException {
        Path target = folder.resolve(PACKAGE);
        Files.createDirectories(target);
        for (String name : CLASSES) {
            String file = PACKAGE + name + ".class";
            try (InputStream in = EchoProgram.class.getClassLoader().getResourceAsStream(file)) {
                if (in == null) {
                    throw new IOException("class file '" + file + "' is not on the class path");
                }
                Path fresh = Files.createTempFile(target, name, ".part");
                Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
                Files.move(
                        fresh,
                        target.resolve(name + ".class"),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx24m",
                "-Xss256k",
                "-XX:-UsePerfData",
                "-XX:ReservedCodeCacheSize=8m",
                "-cp",
                folder.toAbsolutePath().toString(),
                "dev.coracle.nodeagent.echo.EchoMain");
    }
}

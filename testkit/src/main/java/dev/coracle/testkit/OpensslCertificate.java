package dev.coracle.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A certificate that signed itself and its key, as openssl writes them.
 *
 * @param certificate a file in PEM, which clients may trust
 * @param key a file in PEM, PKCS #8
 */
public record OpensslCertificate(Path certificate, Path key) {

    private static final List<String> ELLIPTIC =
            List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");

    /** For these DNS names, with a key on a curve, in files of a folder that exists. */
    public static OpensslCertificate create(Path folder, String... names) {
        return create(folder, ELLIPTIC, names);
    }

    /** The same; {@code newKey} are the arguments of {@code openssl req} that make the key. */
    public static OpensslCertificate create(Path folder, List<String> newKey, String... names) {
        OpensslCertificate made =
                new OpensslCertificate(folder.resolve("tls.crt"), folder.resolve("tls.key"));
        List<String> arguments = new ArrayList<>(List.of("req", "-x509", "-nodes", "-days", "2"));
        arguments.addAll(newKey);
        arguments.addAll(
                List.of(
                        "-keyout",
                        made.key.toString(),
                        "-out",
                        made.certificate.toString(),
                        "-subj",
                        "/CN=" + (names.length == 0 ? "nobody" : names[0])));
        if (names.length > 0) {
            arguments.add("-addext");
            arguments.add(
                    Arrays.stream(names)
                            .map(name -> "DNS:" + name)
                            .collect(Collectors.joining(",", "subjectAltName=", "")));
        }
        var _ = openssl(arguments);
        return made;
    }

    /** The key in another form, by the arguments of an openssl command that reads it. */
    public byte[] keyBy(String command, String... further) {
        List<String> arguments = new ArrayList<>(List.of(command, "-in", key.toString()));
        arguments.addAll(List.of(further));
        return openssl(arguments);
    }

    private static byte[] openssl(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(arguments);
        try {
            Path complaints = Files.createTempFile("openssl", ".txt");
            try {
                Process openssl =
                        new ProcessBuilder(command).redirectError(complaints.toFile()).start();
                openssl.getOutputStream().close();
                byte[] output = openssl.getInputStream().readAllBytes();
                if (openssl.waitFor() != 0) {
                    throw new IllegalStateException(
                            String.join(" ", command)
                                    + ": "
                                    + Files.readString(complaints, StandardCharsets.UTF_8));
                }
                return output;
            } finally {
                Files.delete(complaints);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}

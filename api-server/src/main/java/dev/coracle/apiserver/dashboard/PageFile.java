package dev.coracle.apiserver.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A file of the page.
 *
 * @param name in the folder {@code dashboard} of the jar
 * @param type its Content-Type
 * @param tag changes with its content
 */
record PageFile(String name, String type, String tag, byte[] content) {

    /** Reads it from the jar. */
    static PageFile read(String name, String type) {
        try (InputStream in = PageFile.class.getResourceAsStream("/dashboard/" + name)) {
            if (in == null) {
                throw new IllegalStateException("no file '" + name + "' in the jar");
            }
            byte[] content = in.readAllBytes();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return new PageFile(
                    name, type, "\"" + HexFormat.of().formatHex(digest, 0, 8) + "\"", content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

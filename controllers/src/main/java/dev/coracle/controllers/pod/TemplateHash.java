package dev.coracle.controllers.pod;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The hash of a pod template, as in {@code pod-template-hash}: FNV-1a of its canonical JSON, in the
 * letters kube-controller-manager uses. The letters are upstream's, the number is not: upstream
 * hashes its own memory layout.
 */
public final class TemplateHash {

    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private TemplateHash() {}

    public static String of(PodTemplateSpec template, int collisions) {
        int hash = 0x811c9dc5;
        String text = Serialization.asJson(template) + (collisions == 0 ? "" : collisions);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 255)) * 0x01000193;
        }
        String digits = String.format(Locale.ROOT, "%d", Integer.toUnsignedLong(hash));
        StringBuilder letters = new StringBuilder();
        digits.chars().forEach(c -> letters.append(ALPHABET.charAt(c % ALPHABET.length())));
        return letters.toString();
    }
}

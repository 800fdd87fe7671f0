package dev.coracle.apiserver.registry;

import java.util.concurrent.ThreadLocalRandom;

/**
 * {@code generateName}: the base and five characters that make no words
 * (k8s.io/apiserver/pkg/storage/names).
 */
public final class NameGenerator {

    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
    private static final int SUFFIX = 5;
    private static final int MAX_BASE = 63 - SUFFIX;

    /** A name that nothing else has, in all likelihood. */
    public String from(String base) {
        StringBuilder name =
                new StringBuilder(base.length() > MAX_BASE ? base.substring(0, MAX_BASE) : base);
        for (int i = 0; i < SUFFIX; i++) {
            name.append(ALPHABET.charAt(ThreadLocalRandom.current().nextInt(ALPHABET.length())));
        }
        return name.toString();
    }
}

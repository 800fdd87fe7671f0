package dev.coracle.nodeagent.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A user of a registry. */
public record RegistryLogin(String user, String password) {

    String basic() {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return user;
    }
}

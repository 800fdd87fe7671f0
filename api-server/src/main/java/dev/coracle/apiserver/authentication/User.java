package dev.coracle.apiserver.authentication;

import java.util.List;

/** Who a request comes from. */
public record User(String name, List<String> groups) {

    /** The request attribute under which the authenticated user is kept. */
    public static final String ATTRIBUTE = User.class.getName();

    public User {
        groups = List.copyOf(groups);
    }
}

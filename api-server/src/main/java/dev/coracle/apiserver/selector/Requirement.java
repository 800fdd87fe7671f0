package dev.coracle.apiserver.selector;

import java.util.Map;
import java.util.Set;

/** One condition on one key of a map of labels or fields. */
sealed interface Requirement {

    boolean matches(Map<String, String> values);

    record Exists(String key) implements Requirement {
        @Override
        public boolean matches(Map<String, String> values) {
            return values.containsKey(key);
        }
    }

    record NotExists(String key) implements Requirement {
        @Override
        public boolean matches(Map<String, String> values) {
            return !values.containsKey(key);
        }
    }

    record In(String key, Set<String> allowed) implements Requirement {
        @Override
        public boolean matches(Map<String, String> values) {
            String value = values.get(key);
            return value != null && allowed.contains(value);
        }
    }

    /** Matches also when the key is absent, as Kubernetes defines {@code notin} and {@code !=}. */
    record NotIn(String key, Set<String> refused) implements Requirement {
        @Override
        public boolean matches(Map<String, String> values) {
            String value = values.get(key);
            return value == null || !refused.contains(value);
        }
    }
}

package dev.coracle.apiserver.registry.validation;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Name shapes, with upstream's messages (k8s.io/apimachinery/pkg/util/validation). Each check
 * returns null when all is well.
 */
public final class Names {

    private static final String LABEL_REGEX = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final Pattern LABEL = Pattern.compile(LABEL_REGEX);
    private static final Pattern LABEL_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile(LABEL_REGEX + "(\\." + LABEL_REGEX + ")*");
    private static final Pattern QUALIFIED =
            Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern LABEL_VALUE =
            Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");

    private Names() {}

    /** RFC 1123 subdomain, at most 253 characters. */
    public static @Nullable String subdomain(String name) {
        if (name.length() > 253) {
            return "must be no more than 253 characters";
        }
        return SUBDOMAIN.matcher(name).matches()
                ? null
                : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-'"
                        + " or '.', and must start and end with an alphanumeric character (e.g."
                        + " 'example.com', regex used for validation is '"
                        + SUBDOMAIN.pattern()
                        + "')";
    }

    /** RFC 1123 label, at most 63 characters. */
    public static @Nullable String label(String name) {
        if (name.length() > 63) {
            return "must be no more than 63 characters";
        }
        return LABEL.matcher(name).matches()
                ? null
                : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
                        + " and must start and end with an alphanumeric character (e.g. 'my-name',  or"
                        + " '123-abc', regex used for validation is '"
                        + LABEL.pattern()
                        + "')";
    }

    /** RFC 1035 label, at most 63 characters: it does not begin with a digit. */
    public static @Nullable String label1035(String name) {
        if (name.length() > 63) {
            return "must be no more than 63 characters";
        }
        return LABEL_1035.matcher(name).matches()
                ? null
                : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with"
                        + " an alphabetic character, and end with an alphanumeric character (e.g."
                        + " 'my-name',  or 'abc-123', regex used for validation is '"
                        + LABEL_1035.pattern()
                        + "')";
    }

    /**
     * The key of a label or annotation: an optional DNS prefix and a name of at most 63 characters.
     */
    public static @Nullable String qualifiedName(String key) {
        int slash = key.indexOf('/');
        String prefix = slash < 0 ? "" : key.substring(0, slash);
        String name = key.substring(slash + 1);
        if (slash == 0 || (slash > 0 && subdomain(prefix) != null)) {
            return "prefix part must be a DNS subdomain";
        }
        if (name.isEmpty() || name.length() > 63 || !QUALIFIED.matcher(name).matches()) {
            return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and"
                    + " end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc',"
                    + " regex used for validation is '"
                    + QUALIFIED.pattern()
                    + "')";
        }
        return null;
    }

    public static @Nullable String labelValue(String value) {
        if (value.length() > 63) {
            return "must be no more than 63 characters";
        }
        return LABEL_VALUE.matcher(value).matches()
                ? null
                : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
                        + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or"
                        + " 'my_value',  or '12345', regex used for validation is '"
                        + LABEL_VALUE.pattern()
                        + "')";
    }
}

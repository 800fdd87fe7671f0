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

    /**
     * Whatever can stand between two slashes of a path
     * (k8s.io/apimachinery/pkg/api/validation/path).
     */
    public static @Nullable String pathSegment(String name) {
        if (name.equals(".") || name.equals("..")) {
            return "may not be '" + name + "'";
        }
        for (String bad : new String[] {"/", "%"}) {
            if (name.contains(bad)) {
                return "may not contain '" + bad + "'";
            }
        }
        return null;
    }

    /** The name of a port: at most 15 characters, with a letter (IANA service names). */
    public static @Nullable String portName(String name) {
        if (name.length() > 15) {
            return "must be no more than 15 characters";
        }
        if (!name.matches("[-a-z0-9]+")) {
            return "must contain only alphanumeric characters (a-z, 0-9), and hyphens (-)";
        }
        if (name.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
            return "must contain at least one letter (a-z)";
        }
        if (name.contains("--")) {
            return "must not contain consecutive hyphens";
        }
        return name.startsWith("-") || name.endsWith("-")
                ? "must not begin or end with a hyphen"
                : null;
    }

    /** A DNS name, a slash and a path: {@code example.com/ingress-controller}. */
    public static @Nullable String domainPrefixedPath(String name) {
        int slash = name.indexOf('/');
        if (slash <= 0 || slash == name.length() - 1) {
            return "must be a domain-prefixed path (such as \"acme.io/foo\")";
        }
        String wrong = subdomain(name.substring(0, slash));
        if (wrong != null) {
            return wrong;
        }
        return name.substring(slash + 1).matches("[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+")
                ? null
                : "Invalid path (regex used for validation is"
                        + " '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
    }

    /**
     * The name of a CSI driver: like a subdomain of at most 63 characters, case being no matter.
     */
    public static @Nullable String csiDriver(String name) {
        return name.length() > 63
                ? "must be no more than 63 characters"
                : subdomain(name.toLowerCase(java.util.Locale.ROOT));
    }
}

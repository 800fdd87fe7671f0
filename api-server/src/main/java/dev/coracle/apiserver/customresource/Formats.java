package dev.coracle.apiserver.customresource;

import com.google.re2j.Pattern;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * The string formats kube-apiserver knows; others mean nothing (apiextensions/v1 JSONSchemaProps,
 * "format").
 */
final class Formats {

    private static final String UUID = "[0-9a-f]{8}-?[0-9a-f]{4}-?%s[0-9a-f]{3}-?%s-?[0-9a-f]{12}";
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern HOSTNAME =
            Pattern.compile(
                    "[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?"
                            + "(\\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*\\.?");
    private static final Pattern DURATION =
            Pattern.compile("[-+]?(0|([0-9]*\\.?[0-9]+(ns|us|µs|μs|ms|s|m|h))+)");
    private static final Pattern LONG_DURATION =
            Pattern.compile(
                    "[0-9]+ *(ns|nano|us|µs|micro|ms|milli|s|sec|second|m|min|minute|h|hr|hour|d|day"
                            + "|w|wk|week)s?",
                    Pattern.CASE_INSENSITIVE);

    private static final Map<String, Predicate<String>> FORMATS =
            Map.ofEntries(
                    Map.entry("bsonobjectid", matching("[0-9a-f]{24}")),
                    Map.entry("uri", Formats::isUri),
                    Map.entry("email", matching("[^@\\s<>]+@[^@\\s<>]+")),
                    Map.entry("hostname", Formats::isHostname),
                    Map.entry("ipv4", text -> IPV4.matcher(text).matches()),
                    Map.entry("ipv6", Formats::isIpv6),
                    Map.entry("cidr", Formats::isCidr),
                    Map.entry(
                            "mac",
                            matching("[0-9a-f]{2}([:-][0-9a-f]{2}){5}([:-][0-9a-f]{2}){0,2}")),
                    Map.entry("uuid", matching(UUID.formatted("[0-9a-f]", "[0-9a-f]{4}"))),
                    Map.entry("uuid3", matching(UUID.formatted("3", "[0-9a-f]{4}"))),
                    Map.entry("uuid4", matching(UUID.formatted("4", "[89ab][0-9a-f]{3}"))),
                    Map.entry("uuid5", matching(UUID.formatted("5", "[89ab][0-9a-f]{3}"))),
                    Map.entry("isbn", matching("([0-9][- ]?){9}[0-9x]|([0-9][- ]?){12}[0-9]")),
                    Map.entry("isbn10", matching("([0-9][- ]?){9}[0-9x]")),
                    Map.entry("isbn13", matching("([0-9][- ]?){12}[0-9]")),
                    Map.entry("creditcard", matching("([0-9][- ]?){12,18}[0-9]")),
                    Map.entry("ssn", matching("[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}")),
                    Map.entry("hexcolor", matching("#?([0-9a-f]{3}|[0-9a-f]{6})")),
                    Map.entry(
                            "rgbcolor",
                            matching(
                                    "rgb\\("
                                            + OCTET
                                            + "\\s*,\\s*"
                                            + OCTET
                                            + "\\s*,\\s*"
                                            + OCTET
                                            + "\\)")),
                    Map.entry("byte", Formats::isBase64),
                    Map.entry("password", _ -> true),
                    Map.entry("date", Formats::isDate),
                    Map.entry("duration", Formats::isDuration),
                    Map.entry("date-time", Formats::isDateTime),
                    Map.entry("datetime", Formats::isDateTime));

    private Formats() {}

    /** The format itself, or empty when it is none of ours. */
    static String supported(String format) {
        return FORMATS.containsKey(format) ? format : "";
    }

    static boolean matches(String format, JsonNode text) {
        Predicate<String> rule = FORMATS.get(format);
        return rule == null || rule.test(text.asString());
    }

    private static Predicate<String> matching(String regex) {
        Pattern pattern = Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
        return text -> pattern.matcher(text).matches();
    }

    private static boolean isHostname(String text) {
        return text.length() <= 255 && HOSTNAME.matcher(text).matches();
    }

    private static boolean isBase64(String text) {
        try {
            Base64.getDecoder().decode(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isUri(String text) {
        try {
            URI uri = new URI(text);
            return uri.isAbsolute() || text.startsWith("/");
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isIpv6(String text) {
        if (!text.matches("[0-9a-fA-F:.]{2,45}") || text.indexOf(':') < 0) {
            return false;
        }
        try {
            return new URI("x://[" + text + "]/").getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isCidr(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            return false;
        }
        int bits = Integer.parseInt(text.substring(slash + 1));
        String address = text.substring(0, slash);
        return (IPV4.matcher(address).matches() && bits <= 32) || (isIpv6(address) && bits <= 128);
    }

    private static boolean isDate(String text) {
        try {
            LocalDate.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isDateTime(String text) {
        try {
            OffsetDateTime.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static boolean isDuration(String text) {
        return DURATION.matcher(text).matches() || LONG_DURATION.matcher(text).matches();
    }
}

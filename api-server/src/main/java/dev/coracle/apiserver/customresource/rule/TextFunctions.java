package dev.coracle.apiserver.customresource.rule;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.coracle.apiserver.customresource.rule.FunctionTable.Argument;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/** {@code find}, {@code findAll} and {@code format} on texts. */
final class TextFunctions {

    @SuppressWarnings("rawtypes")
    private static final Argument<List> VALUES =
            new Argument<>(ListType.create(SimpleType.DYN), List.class);

    private TextFunctions() {}

    static FunctionTable table() {
        return new FunctionTable()
                .member(
                        "find",
                        SimpleType.STRING,
                        Arguments.TEXT,
                        Arguments.TEXT,
                        (text, regex) -> {
                            Matcher matcher = matcher(text, regex);
                            return matcher.find() ? matcher.group() : "";
                        })
                .member(
                        "findAll",
                        Arguments.TEXTS,
                        Arguments.TEXT,
                        Arguments.TEXT,
                        TextFunctions::findAll)
                .member("format", SimpleType.STRING, Arguments.TEXT, VALUES, TextFunctions::format);
    }

    private static Matcher matcher(String text, String regex) {
        try {
            return Pattern.compile(regex).matcher(text);
        } catch (PatternSyntaxException e) {
            throw new CelInvalidArgumentException("illegal regex: " + e.getMessage());
        }
    }

    private static List<String> findAll(String text, String regex) {
        Matcher matcher = matcher(text, regex);
        List<String> found = new ArrayList<>();
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }

    private static String format(String pattern, List<?> values) {
        StringBuilder text = new StringBuilder();
        Iterator<?> next = values.iterator();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '%') {
                text.append(c);
                continue;
            }
            int end = i + 1;
            while (end < pattern.length() && "0123456789.".indexOf(pattern.charAt(end)) >= 0) {
                end++;
            }
            if (end == pattern.length()) {
                throw new CelInvalidArgumentException("unexpected end of format string");
            }
            char verb = pattern.charAt(end);
            if (verb == '%') {
                text.append('%');
            } else if (!next.hasNext()) {
                throw new CelInvalidArgumentException("index out of range of the arguments");
            } else {
                text.append(one(pattern.substring(i + 1, end), verb, next.next()));
            }
            i = end;
        }
        return text.toString();
    }

    private static String one(String precision, char verb, Object value) {
        return switch (verb) {
            case 's' -> String.valueOf(value);
            case 'd' -> String.valueOf(value);
            case 'f', 'e' ->
                    value instanceof Number number
                            ? String.format(
                                    Locale.ROOT, "%" + precision + verb, number.doubleValue())
                            : String.valueOf(value);
            case 'b' ->
                    value instanceof Long number
                            ? Long.toBinaryString(number)
                            : String.valueOf(value);
            case 'x', 'X', 'o' -> {
                if (!(value instanceof Long number)) {
                    throw new CelInvalidArgumentException(
                            "only integers can be formatted as %" + verb);
                }
                yield String.format(Locale.ROOT, "%" + verb, number);
            }
            default ->
                    throw new CelInvalidArgumentException(
                            "unrecognized formatting clause \"" + verb + "\"");
        };
    }
}

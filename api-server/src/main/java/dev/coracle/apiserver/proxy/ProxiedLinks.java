package dev.coracle.apiserver.proxy;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Leads links to the proxied host through the proxy again (k8s.io/apimachinery/pkg/util/proxy).
 * Pure.
 *
 * @param prefix the path of the proxy, up to and with {@code /proxy}
 * @param backend the authority that was dialled
 * @param requested the authority that the client asked
 */
record ProxiedLinks(String prefix, String backend, String requested) {

    private static final Pattern MARKUP =
            Pattern.compile(
                    "<!--.*?-->|<(script|style|textarea|title)\\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>"
                            + "|<[a-zA-Z](?:[^>\"']|\"[^\"]*\"|'[^']*')*>",
                    Pattern.DOTALL | Pattern.CASE_INSENSITIVE);
    private static final Pattern ATTRIBUTE =
            Pattern.compile("(\\s)([a-zA-Z]+)(\\s*=\\s*)(?:\"([^\"]*)\"|'([^']*)'|([^\\s\"'>]+))");
    private static final Map<String, Set<String>> LINKS =
            Map.ofEntries(
                    Map.entry("a", Set.of("href")),
                    Map.entry("applet", Set.of("codebase")),
                    Map.entry("area", Set.of("href")),
                    Map.entry("audio", Set.of("src")),
                    Map.entry("base", Set.of("href")),
                    Map.entry("blockquote", Set.of("cite")),
                    Map.entry("body", Set.of("background")),
                    Map.entry("button", Set.of("formaction")),
                    Map.entry("command", Set.of("icon")),
                    Map.entry("del", Set.of("cite")),
                    Map.entry("embed", Set.of("src")),
                    Map.entry("form", Set.of("action")),
                    Map.entry("frame", Set.of("longdesc", "src")),
                    Map.entry("head", Set.of("profile")),
                    Map.entry("html", Set.of("manifest")),
                    Map.entry("iframe", Set.of("longdesc", "src")),
                    Map.entry("img", Set.of("longdesc", "src", "usemap")),
                    Map.entry("input", Set.of("src", "usemap", "formaction")),
                    Map.entry("ins", Set.of("cite")),
                    Map.entry("link", Set.of("href")),
                    Map.entry("object", Set.of("classid", "codebase", "data", "usemap")),
                    Map.entry("q", Set.of("cite")),
                    Map.entry("script", Set.of("src")),
                    Map.entry("source", Set.of("src")),
                    Map.entry("video", Set.of("poster", "src")));

    /** One link; what leads elsewhere, is relative or is no link stays as it is. */
    String rewrite(String link) {
        URI uri;
        try {
            uri = new URI(link);
        } catch (URISyntaxException e) {
            return link;
        }
        String authority = uri.getRawAuthority();
        String path = uri.getRawPath();
        boolean elsewhere =
                authority != null && !authority.equals(backend) && !authority.equals(requested);
        if (elsewhere || path == null || !path.startsWith("/")) {
            return link;
        }
        StringBuilder rewritten = new StringBuilder();
        if (authority != null && authority.equals(requested) && uri.getScheme() != null) {
            rewritten.append(uri.getScheme()).append("://").append(authority);
        }
        rewritten.append(path.startsWith(prefix) ? path : prefix + path);
        if (uri.getRawQuery() != null) {
            rewritten.append('?').append(uri.getRawQuery());
        }
        if (uri.getRawFragment() != null) {
            rewritten.append('#').append(uri.getRawFragment());
        }
        return rewritten.toString();
    }

    /** A page; the rest of it stays as it is, to the letter. */
    String page(String html) {
        StringBuilder page = new StringBuilder(html.length() + 256);
        Matcher markup = MARKUP.matcher(html);
        int done = 0;
        while (markup.find(done)) {
            String tag = markup.group();
            page.append(html, done, markup.start());
            page.append(tag.startsWith("<!--") ? tag : tag(tag));
            done = markup.end();
            if (markup.group(1) != null) {
                // what is inside is text, whatever it looks like
                int end =
                        html.toLowerCase(Locale.ROOT)
                                .indexOf("</" + markup.group(1).toLowerCase(Locale.ROOT), done);
                int text = end < 0 ? html.length() : end;
                page.append(html, done, text);
                done = text;
            }
        }
        return page.append(html, done, html.length()).toString();
    }

    private String tag(String tag) {
        int end = 1;
        while (end < tag.length() && Character.isLetterOrDigit(tag.charAt(end))) {
            end++;
        }
        Set<String> links = LINKS.get(tag.substring(1, end).toLowerCase(Locale.ROOT));
        if (links == null) {
            return tag;
        }
        return ATTRIBUTE
                .matcher(tag)
                .replaceAll(match -> Matcher.quoteReplacement(attribute(match, links)));
    }

    private String attribute(MatchResult match, Set<String> links) {
        if (!links.contains(match.group(2).toLowerCase(Locale.ROOT))) {
            return match.group();
        }
        String value =
                match.group(4) != null
                        ? match.group(4)
                        : match.group(5) != null ? match.group(5) : match.group(6);
        String rewritten = rewrite(value.replace("&amp;", "&")).replace("&", "&amp;");
        return value.equals(rewritten)
                ? match.group()
                : match.group(1) + match.group(2) + match.group(3) + '"' + rewritten + '"';
    }
}

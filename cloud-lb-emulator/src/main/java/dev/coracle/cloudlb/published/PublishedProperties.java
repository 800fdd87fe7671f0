package dev.coracle.cloudlb.published;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The ports that the engine publishes.
 *
 * @param ports {@code first-last} for any load balancer's TCP ports; empty is none
 * @param fixed {@code namespace/service:port=published}: ports that are some Service's
 */
@ConfigurationProperties("coracle.cloud-lb.published")
public record PublishedProperties(
        @DefaultValue("") String ports, @DefaultValue List<String> fixed) {

    private static final Pattern RANGE = Pattern.compile("(\\d{1,5})-(\\d{1,5})");
    private static final Pattern FIXED = Pattern.compile("([^=/]+/[^=:]+:\\d{1,5})=(\\d{1,5})");

    PortChoice choice() {
        Map<String, Integer> own = new TreeMap<>();
        for (String entry : fixed) {
            Matcher parts = FIXED.matcher(entry.strip());
            if (!parts.matches()) {
                throw new IllegalArgumentException(
                        "coracle.cloud-lb.published.fixed must be namespace/service:port=published,"
                                + " not '"
                                + entry
                                + "'");
            }
            own.put(parts.group(1), port(parts.group(2)));
        }
        if (ports.isEmpty()) {
            return new PortChoice(own, 1, 0);
        }
        Matcher range = RANGE.matcher(ports.strip());
        if (!range.matches() || port(range.group(1)) > port(range.group(2))) {
            throw new IllegalArgumentException(
                    "coracle.cloud-lb.published.ports must be first-last, not '" + ports + "'");
        }
        return new PortChoice(own, port(range.group(1)), port(range.group(2)));
    }

    private static int port(String text) {
        int port = Integer.parseInt(text);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("a port is 1 to 65535, not " + text);
        }
        return port;
    }
}

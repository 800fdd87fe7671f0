package dev.coracle.gateway.tls;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of all hosts at one moment: a host's own before a wildcard's before one for any
 * host; among equals the earlier in the list. Immutable.
 *
 * @param hosts oldest first
 */
public record TlsTable(List<TlsHost> hosts) {

    public static final TlsTable EMPTY = new TlsTable(List.of());

    public TlsTable {
        List<TlsHost> sorted = new ArrayList<>(hosts);
        // the sort is stable: equals stay oldest first
        sorted.sort(Comparator.comparingInt(host -> -host.host().rank()));
        hosts = List.copyOf(sorted);
    }

    /** {@code name} is what the client asks for (SNI, RFC 6066 section 3), if it asks. */
    public Optional<ServerCertificate> find(@Nullable String name) {
        if (name == null) {
            return Optional.empty();
        }
        String wanted = name.toLowerCase(Locale.ROOT);
        return hosts.stream()
                .filter(host -> host.host().matches(wanted))
                .map(TlsHost::certificate)
                .findFirst();
    }
}

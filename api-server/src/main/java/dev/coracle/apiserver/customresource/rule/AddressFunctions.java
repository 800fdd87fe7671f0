package dev.coracle.apiserver.customresource.rule;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.coracle.apiserver.customresource.rule.FunctionTable.Argument;
import java.util.Optional;

/** {@code ip} and {@code cidr}, and what can be asked of them. */
final class AddressFunctions {

    private static final CelType IP_TYPE = OpaqueType.create("net.IP");
    private static final CelType CIDR_TYPE = OpaqueType.create("net.CIDR");
    private static final Argument<IpAddress> IP = new Argument<>(IP_TYPE, IpAddress.class);
    private static final Argument<IpRange> CIDR = new Argument<>(CIDR_TYPE, IpRange.class);

    private AddressFunctions() {}

    static FunctionTable table() {
        FunctionTable table = new FunctionTable();
        addresses(table);
        ranges(table);
        return table;
    }

    private static void addresses(FunctionTable table) {
        table.global("ip", IP_TYPE, Arguments.TEXT, AddressFunctions::ip)
                .global(
                        "isIP",
                        SimpleType.BOOL,
                        Arguments.TEXT,
                        text -> IpAddress.parse(text).isPresent())
                .global(
                        "ip.isCanonical",
                        SimpleType.BOOL,
                        Arguments.TEXT,
                        text -> ip(text).toString().equals(text))
                .global("string", SimpleType.STRING, IP, IpAddress::toString)
                .member("family", SimpleType.INT, IP, ip -> ip.isVersion4() ? 4L : 6L)
                .member("isUnspecified", SimpleType.BOOL, IP, ip -> ip.inet().isAnyLocalAddress())
                .member("isLoopback", SimpleType.BOOL, IP, ip -> ip.inet().isLoopbackAddress())
                .member(
                        "isLinkLocalMulticast",
                        SimpleType.BOOL,
                        IP,
                        IpAddress::isLinkLocalMulticast)
                .member(
                        "isLinkLocalUnicast",
                        SimpleType.BOOL,
                        IP,
                        ip -> ip.inet().isLinkLocalAddress())
                .member("isGlobalUnicast", SimpleType.BOOL, IP, IpAddress::isGlobalUnicast);
    }

    private static void ranges(FunctionTable table) {
        table.global("cidr", CIDR_TYPE, Arguments.TEXT, AddressFunctions::cidr)
                .global(
                        "isCIDR",
                        SimpleType.BOOL,
                        Arguments.TEXT,
                        text -> IpRange.parse(text).isPresent())
                .global("string", SimpleType.STRING, CIDR, IpRange::toString)
                .member("ip", IP_TYPE, CIDR, IpRange::address)
                .member("masked", CIDR_TYPE, CIDR, IpRange::masked)
                .member("prefixLength", SimpleType.INT, CIDR, range -> (long) range.prefix())
                .member(
                        "containsIP",
                        SimpleType.BOOL,
                        CIDR,
                        Arguments.TEXT,
                        (range, text) -> range.contains(ip(text)))
                .member("containsIP", SimpleType.BOOL, CIDR, IP, IpRange::contains)
                .member(
                        "containsCIDR",
                        SimpleType.BOOL,
                        CIDR,
                        Arguments.TEXT,
                        (range, text) -> range.contains(cidr(text)))
                .member("containsCIDR", SimpleType.BOOL, CIDR, CIDR, IpRange::contains);
    }

    private static IpAddress ip(String text) {
        Optional<IpAddress> parsed = IpAddress.parse(text);
        return parsed.orElseThrow(() ->
                new CelInvalidArgumentException(
                        "IP Address '" + text + "' parse error during conversion from string"));
    }

    private static IpRange cidr(String text) {
        Optional<IpRange> parsed = IpRange.parse(text);
        return parsed.orElseThrow(() ->
                new CelInvalidArgumentException(
                        "network address parse error during conversion from string: " + text));
    }
}

package dev.coracle.dns.wire;

import java.net.Inet4Address;
import java.util.HexFormat;
import java.util.List;

/** The data of a record. */
public sealed interface Rdata {

    /** The type code of records with this data. */
    int type();

    /** Type and data as in a zone file. */
    default String text() {
        return switch (this) {
            case A(Inet4Address address) -> "A " + address.getHostAddress();
            case Name(int type, DnsName target) ->
                    (type == RecordType.CNAME ? "CNAME " : type == RecordType.NS ? "NS " : "PTR ")
                            + target;
            case Srv(int priority, int weight, int port, DnsName target) ->
                    "SRV " + priority + " " + weight + " " + port + " " + target;
            case Mx(int preference, DnsName exchange) -> "MX " + preference + " " + exchange;
            case Soa soa -> "SOA " + soa.primary() + " " + soa.mailbox() + " " + soa.serial();
            case Txt(List<String> strings) -> "TXT \"" + String.join("\" \"", strings) + "\"";
            case Opaque(int type, String hex) ->
                    "TYPE" + type + " \\# " + hex.length() / 2 + " " + hex;
        };
    }

    /** An IPv4 address. */
    record A(Inet4Address address) implements Rdata {
        @Override
        public int type() {
            return RecordType.A;
        }
    }

    /** A single name: CNAME, NS or PTR. */
    record Name(int type, DnsName target) implements Rdata {}

    /** RFC 2782. */
    record Srv(int priority, int weight, int port, DnsName target) implements Rdata {
        @Override
        public int type() {
            return RecordType.SRV;
        }
    }

    /** A mail exchange. */
    record Mx(int preference, DnsName exchange) implements Rdata {
        @Override
        public int type() {
            return RecordType.MX;
        }
    }

    /** The start of a zone; {@code minimum} seconds is how long its absences may be remembered. */
    record Soa(
            DnsName primary,
            DnsName mailbox,
            long serial,
            long refresh,
            long retry,
            long expire,
            long minimum)
            implements Rdata {
        @Override
        public int type() {
            return RecordType.SOA;
        }
    }

    /** Character strings of at most 255 octets each. */
    record Txt(List<String> strings) implements Rdata {
        public Txt {
            strings = List.copyOf(strings);
        }

        @Override
        public int type() {
            return RecordType.TXT;
        }
    }

    /** Data of any other type, as hexadecimal digits. */
    record Opaque(int type, String hex) implements Rdata {
        static Opaque of(int type, byte[] data) {
            return new Opaque(type, HexFormat.of().formatHex(data));
        }

        byte[] data() {
            return HexFormat.of().parseHex(hex);
        }
    }
}

package dev.coracle.dns.wire;

import java.net.Inet4Address;
import java.util.HexFormat;
import java.util.List;

/** The data of a record. */
public sealed interface Rdata {

    /** The type code of records with this data. */
    int type();

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

package dev.coracle.dns.server;

import dev.coracle.dns.cluster.NameRecords;
import dev.coracle.dns.cluster.NameRecords.RecordSet;
import dev.coracle.dns.cluster.Zone;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.Edns;
import dev.coracle.dns.wire.RecordType;

/**
 * Answers what is asked all the time - one plain question about a name of the zone - from octets to
 * octets, without making anything. What is unusual in any way it leaves to the chain. For one
 * thread.
 */
final class QuickAnswers {

    private static final int HEADER = 12;
    private static final int LONGEST_NAME = 255;
    private static final int CLASS_IN = 1;
    private static final int OPT_OCTETS = 11;
    private static final int NAME_ERROR = 3;
    // those that are asked for and that no record has: transfers, any (RFC 6895)
    private static final int FIRST_META_TYPE = 128;
    private static final int LAST_META_TYPE = 255;

    static final int LONGEST_QUERY = 1536;

    private final Zone zone;
    private final byte[] query = new byte[LONGEST_QUERY];
    private final byte[] name = new byte[LONGEST_NAME];
    private byte[] response = new byte[LONGEST_QUERY];
    private int at;
    private int turn;
    private int type;
    private int code;

    QuickAnswers(Zone zone) {
        this.zone = zone;
    }

    /** The type asked for, after an answer. */
    int type() {
        return type;
    }

    /** The response code given, after an answer. */
    int code() {
        return code;
    }

    /** Where the query is put, as far as it has room. */
    byte[] query() {
        return query;
    }

    /** The response, after an answer. */
    byte[] response() {
        return response;
    }

    /** The octets of the response, after an answer. */
    int length() {
        return at;
    }

    /**
     * Answers the query that was put into {@link #query}.
     *
     * @param end how many octets it has
     * @param mostOctets that the transport carries; a UDP client may take less
     * @return false if the chain has to be asked
     */
    boolean answer(int end, int mostOctets) {
        return end >= HEADER + 5
                && end <= LONGEST_QUERY
                && isPlainHeader()
                && answerQuestion(end, mostOctets);
    }

    /** What a client by UDP takes at most of a response to the query that was put. */
    int mostByUdp(int end) {
        return end >= HEADER && query[HEADER - 1] != 0
                ? Edns.UDP_PAYLOAD
                : DnsServer.PLAIN_UDP_LIMIT;
    }

    private boolean answerQuestion(int end, int mostOctets) {
        int from = HEADER;
        int size = 0;
        int hash = 0;
        while (true) {
            if (from >= end || size >= LONGEST_NAME) {
                return false;
            }
            int label = query[from];
            if (label < 0 || label > 63 || from + label >= end || size + label >= LONGEST_NAME) {
                return false;
            }
            name[size++] = (byte) label;
            hash = 31 * hash + label;
            from++;
            if (label == 0) {
                break;
            }
            for (int i = 0; i < label; i++) {
                byte octet = DnsName.lower(query[from++]);
                name[size++] = octet;
                hash = 31 * hash + octet;
            }
        }
        if (from + 4 > end || unsigned16(from + 2) != CLASS_IN) {
            return false;
        }
        type = unsigned16(from);
        if (type >= FIRST_META_TYPE && type <= LAST_META_TYPE) {
            return false;
        }
        int questionEnd = from + 4;
        boolean edns = query[11] == 1;
        int limit = edns ? limitByOpt(questionEnd, end, mostOctets) : mostOctets;
        if (limit < 0 || (!edns && questionEnd != end)) {
            return false;
        }
        return answer(questionEnd, size, hash, edns, limit);
    }

    /** A query of the standard operation with one question and at most an OPT record. */
    private boolean isPlainHeader() {
        return (unsigned16(2) & 0xfa00) == 0
                && unsigned16(4) == 1
                && unsigned16(6) == 0
                && unsigned16(8) == 0
                && unsigned16(10) <= 1;
    }

    /** What the client takes, or -1 for what is no OPT record of version 0. */
    private int limitByOpt(int opt, int end, int mostOctets) {
        if (opt + OPT_OCTETS > end
                || query[opt] != 0
                || unsigned16(opt + 1) != RecordType.OPT
                || query[opt + 6] != 0
                || opt + OPT_OCTETS + unsigned16(opt + 9) != end) {
            return -1;
        }
        return mostOctets > Edns.UDP_PAYLOAD
                ? mostOctets
                : Math.clamp(unsigned16(opt + 3), DnsServer.PLAIN_UDP_LIMIT, mostOctets);
    }

    private boolean answer(int questionEnd, int size, int hash, boolean edns, int limit) {
        NameRecords known = zone.find(name, size, hash);
        if (known == null ? !zone.excludes(name, size) : !known.isPlain(type)) {
            return false;
        }
        RecordSet found = known == null ? null : known.ofType(type);
        int answers = found == null ? 0 : found.count();
        byte[] authority = zone.authority();
        int records = found == null || answers == 0 ? authority.length : found.octets().length;
        int octets = questionEnd + records + (edns ? OPT_OCTETS : 0);
        if (octets > limit) {
            return false;
        }
        if (octets > response.length) {
            response = new byte[octets];
        }
        code = known == null ? NAME_ERROR : 0;
        at = 0;
        // a response, authoritative, recursion is available; whether it is desired is echoed
        put16(unsigned16(0));
        put16(0x8480 | (unsigned16(2) & 0x0110) | code);
        put16(1);
        put16(answers);
        put16(answers == 0 ? 1 : 0);
        put16(edns ? 1 : 0);
        put(query, HEADER, questionEnd - HEADER);
        if (found == null || answers == 0) {
            put(authority, 0, authority.length);
        } else {
            putTurned(found);
        }
        if (edns) {
            response[at++] = 0;
            put16(RecordType.OPT);
            put16(Edns.UDP_PAYLOAD);
            put16(0);
            put16(unsigned16(questionEnd + 7) & 0x8000);
            put16(0);
        }
        return true;
    }

    /** Each answer begins with another record, so that clients that take the first are spread. */
    private void putTurned(RecordSet found) {
        int[] starts = found.starts();
        int first = found.count() == 1 ? 0 : Math.floorMod(turn++, found.count());
        byte[] octets = found.octets();
        put(octets, starts[first], octets.length - starts[first]);
        put(octets, 0, starts[first]);
    }

    private int unsigned16(int index) {
        return ((query[index] & 255) << 8) | (query[index + 1] & 255);
    }

    private void put16(int value) {
        response[at++] = (byte) (value >> 8);
        response[at++] = (byte) value;
    }

    private void put(byte[] octets, int from, int length) {
        System.arraycopy(octets, from, response, at, length);
        at += length;
    }
}

package dev.coracle.dns.server;

import dev.coracle.dns.cluster.NameRecords;
import dev.coracle.dns.cluster.NameRecords.RecordSet;
import dev.coracle.dns.cluster.Zone;
import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.RecordType;
import io.netty.buffer.ByteBuf;

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

    private final Zone zone;
    private final byte[] name = new byte[LONGEST_NAME];
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

    /**
     * Writes the response to {@code query} into {@code out}.
     *
     * @param mostOctets that the transport carries; a UDP client may take less
     * @return false if the chain has to be asked; {@code out} is as it was then
     */
    boolean answer(ByteBuf query, int mostOctets, ByteBuf out) {
        int start = query.readerIndex();
        int length = query.readableBytes();
        if (length < HEADER + 5 || !isPlainHeader(query, start)) {
            return false;
        }
        int end = start + length;
        int at = start + HEADER;
        int size = 0;
        int hash = 0;
        while (true) {
            if (at >= end || size >= LONGEST_NAME) {
                return false;
            }
            int label = query.getByte(at);
            if (label < 0 || label > 63 || at + label >= end || size + label >= LONGEST_NAME) {
                return false;
            }
            name[size++] = (byte) label;
            hash = 31 * hash + label;
            at++;
            if (label == 0) {
                break;
            }
            for (int i = 0; i < label; i++) {
                byte octet = DnsName.lower(query.getByte(at++));
                name[size++] = octet;
                hash = 31 * hash + octet;
            }
        }
        if (at + 4 > end || query.getUnsignedShort(at + 2) != CLASS_IN) {
            return false;
        }
        type = query.getUnsignedShort(at);
        if (type >= FIRST_META_TYPE && type <= LAST_META_TYPE) {
            return false;
        }
        int questionEnd = at + 4;
        boolean edns = query.getUnsignedShort(start + 10) == 1;
        int limit = edns ? limitByOpt(query, questionEnd, end, mostOctets) : mostOctets;
        if (limit < 0 || (!edns && questionEnd != end)) {
            return false;
        }
        return answer(query, start, questionEnd, size, hash, edns, limit, out);
    }

    /** A query of the standard operation with one question and at most an OPT record. */
    private static boolean isPlainHeader(ByteBuf query, int start) {
        return (query.getUnsignedShort(start + 2) & 0xfa00) == 0
                && query.getUnsignedShort(start + 4) == 1
                && query.getInt(start + 6) == 0
                && query.getUnsignedShort(start + 10) <= 1;
    }

    /** What the client takes, or -1 for what is no OPT record of version 0. */
    private static int limitByOpt(ByteBuf query, int at, int end, int mostOctets) {
        if (at + OPT_OCTETS > end
                || query.getByte(at) != 0
                || query.getUnsignedShort(at + 1) != RecordType.OPT
                || query.getByte(at + 6) != 0
                || at + OPT_OCTETS + query.getUnsignedShort(at + 9) != end) {
            return -1;
        }
        return mostOctets > DnsServer.EDNS_UDP_LIMIT
                ? mostOctets
                : Math.clamp(query.getUnsignedShort(at + 3), DnsServer.PLAIN_UDP_LIMIT, mostOctets);
    }

    private boolean answer(
            ByteBuf query,
            int start,
            int questionEnd,
            int size,
            int hash,
            boolean edns,
            int limit,
            ByteBuf out) {
        NameRecords known = zone.find(name, size, hash);
        boolean absent = known == null;
        if (known == null ? !zone.excludes(name, size) : !known.isPlain(type)) {
            return false;
        }
        RecordSet found = known == null ? null : known.ofType(type);
        int answers = found == null ? 0 : found.count();
        byte[] authority = zone.authority();
        int octets =
                questionEnd
                        - start
                        + (found == null || answers == 0 ? authority.length : found.octets().length)
                        + (edns ? OPT_OCTETS : 0);
        if (octets > limit) {
            return false;
        }
        code = absent ? NAME_ERROR : 0;
        out.writeShort(query.getUnsignedShort(start));
        // a response, authoritative, recursion is available; whether it is desired is echoed
        out.writeShort(0x8480 | (query.getUnsignedShort(start + 2) & 0x0110) | code);
        out.writeShort(1);
        out.writeShort(answers);
        out.writeShort(answers == 0 ? 1 : 0);
        out.writeShort(edns ? 1 : 0);
        out.writeBytes(query, start + HEADER, questionEnd - start - HEADER);
        if (found == null || answers == 0) {
            out.writeBytes(authority);
        } else {
            writeTurned(found, out);
        }
        if (edns) {
            out.writeByte(0).writeShort(RecordType.OPT).writeShort(DnsServer.EDNS_UDP_LIMIT);
            out.writeShort(0).writeShort(query.getUnsignedShort(questionEnd + 7) & 0x8000);
            out.writeShort(0);
        }
        return true;
    }

    /** Each answer begins with another record, so that clients that take the first are spread. */
    private void writeTurned(RecordSet found, ByteBuf out) {
        int[] starts = found.starts();
        int first = found.count() == 1 ? 0 : Math.floorMod(turn++, found.count());
        byte[] octets = found.octets();
        out.writeBytes(octets, starts[first], octets.length - starts[first]);
        out.writeBytes(octets, 0, starts[first]);
    }
}

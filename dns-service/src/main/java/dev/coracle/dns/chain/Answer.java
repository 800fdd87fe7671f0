package dev.coracle.dns.chain;

import dev.coracle.dns.wire.DnsName;
import dev.coracle.dns.wire.ResourceRecord;
import java.util.List;

/** What is said to a question. */
public sealed interface Answer {

    /** Records; {@code authoritative} if they are the cluster's own. */
    record Records(
            List<ResourceRecord> answers, List<ResourceRecord> additionals, boolean authoritative)
            implements Answer {
        public Records {
            answers = List.copyOf(answers);
            additionals = List.copyOf(additionals);
        }
    }

    /** The name is another name for {@code target}, which is to be asked instead. */
    record Alias(ResourceRecord cname, DnsName target) implements Answer {}

    /**
     * The name exists, but has no records of this type. {@code answers} are the aliases that led
     * there.
     */
    record NoData(List<ResourceRecord> answers, List<ResourceRecord> authorities)
            implements Answer {
        public NoData {
            answers = List.copyOf(answers);
            authorities = List.copyOf(authorities);
        }
    }

    /** The name does not exist. */
    record NxDomain(List<ResourceRecord> answers, List<ResourceRecord> authorities)
            implements Answer {
        public NxDomain {
            answers = List.copyOf(answers);
            authorities = List.copyOf(authorities);
        }
    }

    /** The question cannot be answered now. */
    record Failed() implements Answer {}

    /** The question is not for this server. */
    record Refused() implements Answer {}

    /** The operation is not known here. */
    record NotImplemented() implements Answer {}

    /** The EDNS version is not known here (RFC 6891 section 6.1.3). */
    record BadVersion() implements Answer {}

    /** The question makes no sense. */
    record Malformed() implements Answer {}
}

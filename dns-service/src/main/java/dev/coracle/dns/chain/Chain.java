package dev.coracle.dns.chain;

import dev.coracle.dns.wire.Edns;
import dev.coracle.dns.wire.Message;
import dev.coracle.dns.wire.Question;
import dev.coracle.dns.wire.Rdata;
import dev.coracle.dns.wire.RecordType;
import dev.coracle.dns.wire.ResourceRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The order in which a question is asked: version, cluster zone, cache and resolvers; and how the
 * answer becomes a response. A link feels only the links below it.
 */
public final class Chain {

    private static final int LONGEST_ALIAS_CHAIN = 8;
    private static final int UDP_PAYLOAD = 1232;

    private final List<Link> links;

    /** {@code cluster} answers for its zones; {@code outside} for everything else. */
    public Chain(Link cluster, Link outside) {
        this.links = List.of(new Version(), new Unsupported(), cluster, outside);
    }

    /** The response to {@code query}; blocks while resolvers are asked. */
    public Message respond(Message query) {
        return response(query, ask(query));
    }

    private Answer ask(Message query) {
        if (query.opcode() != 0) {
            return new Answer.NotImplemented();
        }
        if (query.questions().size() != 1) {
            return new Answer.Malformed();
        }
        return follow(query.questions().getFirst(), LONGEST_ALIAS_CHAIN);
    }

    private Answer follow(Question question, int aliases) {
        for (Link link : links) {
            Optional<Answer> answer = link.answer(question);
            if (answer.isPresent()) {
                return answer.get() instanceof Answer.Alias alias
                        ? follow(question, alias, aliases)
                        : answer.get();
            }
        }
        return new Answer.Refused();
    }

    private Answer follow(Question question, Answer.Alias alias, int aliases) {
        List<ResourceRecord> first = List.of(alias.cname());
        if (question.type() == RecordType.CNAME || aliases == 0) {
            return new Answer.Records(first, List.of(), true);
        }
        Question next = new Question(alias.target(), question.type(), question.dnsClass());
        return switch (follow(next, aliases - 1)) {
            case Answer.Records(var answers, var additionals, boolean _) ->
                    new Answer.Records(joined(first, answers), additionals, true);
            case Answer.NoData(var answers, var authorities) ->
                    new Answer.NoData(joined(first, answers), authorities);
            case Answer.NxDomain(var answers, var authorities) ->
                    new Answer.NxDomain(joined(first, answers), authorities);
            case Answer.Alias further ->
                    new Answer.Records(joined(first, List.of(further.cname())), List.of(), true);
            // the alias itself is known whatever becomes of its target
            case Answer.Failed _, Answer.Refused _, Answer.NotImplemented _, Answer.Malformed _ ->
                    new Answer.Records(first, List.of(), true);
        };
    }

    /** The one place where an answer gets its response code (RFC 1035 section 4.1.1). */
    private static Message response(Message query, Answer answer) {
        return switch (answer) {
            case Answer.Records(var answers, var additionals, boolean ours) ->
                    response(query, 0, ours, rotated(answers, query.id()), List.of(), additionals);
            case Answer.Alias(var cname, var _) ->
                    response(query, 0, true, List.of(cname), List.of(), List.of());
            case Answer.NoData(var answers, var authorities) ->
                    response(query, 0, true, answers, authorities, List.of());
            case Answer.NxDomain(var answers, var authorities) ->
                    response(query, 3, true, answers, authorities, List.of());
            case Answer.Malformed _ -> response(query, 1);
            case Answer.Failed _ -> response(query, 2);
            case Answer.NotImplemented _ -> response(query, 4);
            case Answer.Refused _ -> response(query, 5);
        };
    }

    private static Message response(Message query, int code) {
        return response(query, code, false, List.of(), List.of(), List.of());
    }

    private static Message response(
            Message query,
            int code,
            boolean authoritative,
            List<ResourceRecord> answers,
            List<ResourceRecord> authorities,
            List<ResourceRecord> additionals) {
        int flags =
                Message.RESPONSE
                        | Message.RECURSION_AVAILABLE
                        | (query.flags() & (Message.RECURSION_DESIRED | 0x7800))
                        | (authoritative ? Message.AUTHORITATIVE : 0)
                        | code;
        Edns edns = query.edns() == null ? null : new Edns(UDP_PAYLOAD, 0, false);
        return new Message(
                query.id(), flags, query.questions(), answers, authorities, additionals, edns);
    }

    /**
     * Addresses in another order for each query, so that clients that take the first are spread.
     */
    private static List<ResourceRecord> rotated(List<ResourceRecord> answers, int by) {
        if (answers.stream().anyMatch(record -> !(record.data() instanceof Rdata.A))) {
            return answers;
        }
        List<ResourceRecord> turned = new ArrayList<>(answers);
        Collections.rotate(turned, by);
        return turned;
    }

    private static List<ResourceRecord> joined(
            List<ResourceRecord> first, List<ResourceRecord> rest) {
        List<ResourceRecord> all = new ArrayList<>(first);
        all.addAll(rest);
        return all;
    }
}

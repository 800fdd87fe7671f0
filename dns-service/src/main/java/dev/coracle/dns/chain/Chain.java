package dev.coracle.dns.chain;

import dev.coracle.dns.wire.DnsName;
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
import java.util.function.Function;

/**
 * The order in which a question is asked: rewritten, then by version, configured hosts, the
 * cluster's zone, stub zones, cache and resolvers; and how the answer becomes a response. A link
 * feels only the links below it.
 */
public final class Chain {

    private static final int LONGEST_ALIAS_CHAIN = 8;
    private static final int BAD_VERSION = 16;
    // the operation, recursion desired, checking disabled
    private static final int ECHOED = 0x7800 | Message.RECURSION_DESIRED | 0x10;

    private volatile Order order;

    /**
     * What is asked, one after the other.
     *
     * @param rewritten the name to ask for in place of one
     */
    public record Order(List<Link> links, Function<DnsName, Optional<DnsName>> rewritten) {
        public Order {
            links = List.copyOf(links);
        }
    }

    /** These links, behind those that every chain has. */
    public Chain(Order order) {
        this.order = withFirst(order);
    }

    private static Order withFirst(Order order) {
        List<Link> links = new ArrayList<>(List.of(new Version(), new Unsupported()));
        links.addAll(order.links());
        return new Order(links, order.rewritten());
    }

    /** Queries that come from now on go by this; those under way go by the old. */
    public void replace(Order newOrder) {
        order = withFirst(newOrder);
    }

    /** The response to {@code query}; blocks while resolvers are asked. */
    public Message respond(Message query) {
        return response(query, ask(query, order));
    }

    private static Answer ask(Message query, Order order) {
        if (query.opcode() != 0) {
            return new Answer.NotImplemented();
        }
        if (query.questions().size() != 1) {
            return new Answer.Malformed();
        }
        if (query.edns() != null && query.edns().version() != 0) {
            return new Answer.BadVersion();
        }
        Question question = query.questions().getFirst();
        Optional<DnsName> other = order.rewritten().apply(question.name());
        return other.isEmpty()
                ? follow(order.links(), question, LONGEST_ALIAS_CHAIN)
                : renamed(
                        follow(
                                order.links(),
                                new Question(other.get(), question.type(), question.dnsClass()),
                                LONGEST_ALIAS_CHAIN),
                        other.get(),
                        question.name());
    }

    /** Says of the name that was asked what is known of the one it was rewritten to. */
    private static Answer renamed(Answer answer, DnsName from, DnsName to) {
        return switch (answer) {
            case Answer.Records(var answers, var additionals, boolean ours) ->
                    new Answer.Records(renamed(answers, from, to), additionals, ours);
            case Answer.NoData(var answers, var authorities) ->
                    new Answer.NoData(renamed(answers, from, to), authorities);
            case Answer.NxDomain(var answers, var authorities) ->
                    new Answer.NxDomain(renamed(answers, from, to), authorities);
            case Answer.Alias _,
                    Answer.Failed _,
                    Answer.Refused _,
                    Answer.NotImplemented _,
                    Answer.BadVersion _,
                    Answer.Malformed _ ->
                    answer;
        };
    }

    private static List<ResourceRecord> renamed(
            List<ResourceRecord> records, DnsName from, DnsName to) {
        return records.stream()
                .map(r ->
                        r.name().equals(from)
                                ? new ResourceRecord(to, r.dnsClass(), r.ttl(), r.data())
                                : r)
                .toList();
    }

    /** What each link has to say of a question, for somebody who wonders. */
    public List<String> explain(Question asked) {
        Order now = order;
        List<String> steps = new ArrayList<>();
        Optional<DnsName> other = now.rewritten().apply(asked.name());
        other.ifPresent(name -> steps.add("rewritten to " + name));
        Question question =
                new Question(other.orElse(asked.name()), asked.type(), asked.dnsClass());
        explain(now.links(), question, LONGEST_ALIAS_CHAIN, steps);
        return steps;
    }

    private static void explain(
            List<Link> links, Question question, int aliases, List<String> steps) {
        for (Link link : links) {
            String why = link.why(question);
            if (!why.isEmpty()) {
                steps.add(why);
            }
            Optional<Answer> answer = link.answer(question);
            if (answer.isPresent()) {
                if (answer.get() instanceof Answer.Alias(var _, DnsName target)
                        && question.type() != RecordType.CNAME
                        && aliases > 0) {
                    steps.add("an alias of " + target);
                    explain(
                            links,
                            new Question(target, question.type(), question.dnsClass()),
                            aliases - 1,
                            steps);
                }
                return;
            }
        }
        steps.add("nobody answers for this name");
    }

    private static Answer follow(List<Link> links, Question question, int aliases) {
        for (Link link : links) {
            Optional<Answer> answer = link.answer(question);
            if (answer.isPresent()) {
                return answer.get() instanceof Answer.Alias alias
                        ? follow(links, question, alias, aliases)
                        : answer.get();
            }
        }
        return new Answer.Refused();
    }

    private static Answer follow(
            List<Link> links, Question question, Answer.Alias alias, int aliases) {
        List<ResourceRecord> first = List.of(alias.cname());
        if (question.type() == RecordType.CNAME || aliases == 0) {
            return new Answer.Records(first, List.of(), true);
        }
        Question next = new Question(alias.target(), question.type(), question.dnsClass());
        return switch (follow(links, next, aliases - 1)) {
            case Answer.Records(var answers, var additionals, boolean _) ->
                    new Answer.Records(joined(first, answers), additionals, true);
            case Answer.NoData(var answers, var authorities) ->
                    new Answer.NoData(joined(first, answers), authorities);
            case Answer.NxDomain(var answers, var authorities) ->
                    new Answer.NxDomain(joined(first, answers), authorities);
            case Answer.Alias further ->
                    new Answer.Records(joined(first, List.of(further.cname())), List.of(), true);
            // the alias itself is known whatever becomes of its target
            case Answer.Failed _,
                    Answer.Refused _,
                    Answer.NotImplemented _,
                    Answer.BadVersion _,
                    Answer.Malformed _ ->
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
            case Answer.BadVersion _ -> response(query, BAD_VERSION);
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
                        | (query.flags() & ECHOED)
                        | (authoritative ? Message.AUTHORITATIVE : 0)
                        | (code & 15);
        Edns edns =
                query.edns() == null
                        ? null
                        : new Edns(Edns.UDP_PAYLOAD, 0, query.edns().dnssecOk(), code >> 4);
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

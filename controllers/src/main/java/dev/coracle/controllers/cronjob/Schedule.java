package dev.coracle.controllers.cronjob;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The times of a CronJob: five fields or a descriptor, in a time zone, or each so often since the
 * last.
 */
final class Schedule {

    private static final Map<String, String> DESCRIPTORS =
            Map.of(
                    "@yearly", "0 0 1 1 *",
                    "@annually", "0 0 1 1 *",
                    "@monthly", "0 0 1 * *",
                    "@weekly", "0 0 * * 0",
                    "@daily", "0 0 * * *",
                    "@midnight", "0 0 * * *",
                    "@hourly", "0 * * * *");

    private static final String EVERY = "@every ";
    private static final String PART = "([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)";
    private static final Map<String, BigDecimal> UNITS =
            Map.of(
                    "ns", new BigDecimal(1),
                    "us", new BigDecimal(1_000),
                    "µs", new BigDecimal(1_000),
                    "ms", new BigDecimal(1_000_000),
                    "s", new BigDecimal(1_000_000_000),
                    "m", new BigDecimal(60_000_000_000L),
                    "h", new BigDecimal(3_600_000_000_000L));

    /** More missed times than this are worth a word. */
    private static final int MANY = 100;

    private final Times times;
    private final ZoneId zone;

    private Schedule(Times times, ZoneId zone) {
        this.times = times;
        this.zone = zone;
    }

    private sealed interface Times {

        /** The first time after {@code now}; empty for one that never comes. */
        Optional<Instant> next(Instant since, Instant now);

        /** The last time that is after {@code since} and not after {@code now}. */
        Optional<Instant> last(Instant since, Instant now);
    }

    private record Fields(ExecutionTime times, ZoneId zone) implements Times {

        @Override
        public Optional<Instant> next(Instant since, Instant now) {
            return times.nextExecution(now.atZone(zone)).map(ZonedDateTime::toInstant);
        }

        @Override
        public Optional<Instant> last(Instant since, Instant now) {
            return times.lastExecution(now.plusNanos(1).atZone(zone))
                    .map(ZonedDateTime::toInstant)
                    .filter(time -> time.isAfter(since));
        }
    }

    private record Every(Duration step) implements Times {

        @Override
        public Optional<Instant> next(Instant since, Instant now) {
            Instant before = last(since, now).orElse(since.truncatedTo(ChronoUnit.SECONDS));
            return Optional.of(before.plus(step));
        }

        @Override
        public Optional<Instant> last(Instant since, Instant now) {
            Instant start = since.truncatedTo(ChronoUnit.SECONDS);
            long steps = now.isBefore(start) ? 0 : Duration.between(start, now).dividedBy(step);
            return steps == 0
                    ? Optional.empty()
                    : Optional.of(start.plus(step.multipliedBy(steps)));
        }
    }

    /**
     * Reads a schedule.
     *
     * @param zone an IANA name; null is UTC
     * @throws IllegalArgumentException if it is none
     */
    static Schedule of(String text, @Nullable String zone) {
        ZoneId id = zone == null ? ZoneId.of("UTC") : ZoneId.of(zone);
        if (text.startsWith(EVERY)) {
            return new Schedule(new Every(step(text.substring(EVERY.length()))), id);
        }
        String fields = DESCRIPTORS.getOrDefault(text, text).replace('?', '*');
        ExecutionTime times =
                ExecutionTime.forCron(
                        new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                                .parse(fields));
        return new Schedule(new Fields(times, id), id);
    }

    /** A Go duration in whole seconds, at least one. */
    private static Duration step(String text) {
        if (!text.matches("(" + PART + ")+")) {
            throw new IllegalArgumentException("failed to parse duration " + text);
        }
        BigDecimal nanos =
                Pattern.compile(PART)
                        .matcher(text)
                        .results()
                        .map(part ->
                                new BigDecimal(part.group(1)).multiply(UNITS.get(part.group(2))))
                        .reduce(BigDecimal.ZERO, BigDecimal::add);
        return Duration.ofSeconds(Math.max(1, nanos.movePointLeft(9).longValue()));
    }

    /** What is to be started now when all until {@code since} has been; empty if nothing is. */
    Optional<Instant> due(Instant since, Instant now) {
        return times.last(since, now);
    }

    /** More than a hundred times are after {@code since} and not after {@code last}. */
    boolean areMany(Instant since, Instant last) {
        Optional<Instant> first = times.next(since, since);
        Optional<Instant> second = first.flatMap(time -> times.next(time, time));
        return second.isPresent()
                && Duration.between(first.get(), last)
                                .dividedBy(Duration.between(first.get(), second.get()))
                        >= MANY;
    }

    /** The first time after {@code now} when all until {@code since} has been; empty if none. */
    Optional<Instant> next(Instant since, Instant now) {
        return times.next(since, now);
    }

    /** As the annotation of a Job has it. */
    String format(Instant instant) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(instant.atZone(zone));
    }
}

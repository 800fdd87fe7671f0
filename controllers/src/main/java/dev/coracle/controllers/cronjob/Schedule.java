package dev.coracle.controllers.cronjob;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The times of a CronJob: five fields or a descriptor, in a time zone. */
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

    private final ExecutionTime times;
    private final ZoneId zone;

    private Schedule(ExecutionTime times, ZoneId zone) {
        this.times = times;
        this.zone = zone;
    }

    /**
     * Reads a schedule.
     *
     * @param zone an IANA name; null is UTC
     * @throws IllegalArgumentException if it is none
     */
    static Schedule of(String text, @Nullable String zone) {
        String fields = DESCRIPTORS.getOrDefault(text, text).replace('?', '*');
        return new Schedule(
                ExecutionTime.forCron(
                        new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                                .parse(fields)),
                zone == null ? ZoneId.of("UTC") : ZoneId.of(zone));
    }

    /** The first time after {@code instant}; empty for one that never comes. */
    Optional<Instant> nextAfter(Instant instant) {
        return times.nextExecution(instant.atZone(zone)).map(ZonedDateTime::toInstant);
    }

    /** The last time that is not after {@code instant}. */
    Optional<Instant> lastUntil(Instant instant) {
        return times.lastExecution(instant.plusNanos(1).atZone(zone)).map(ZonedDateTime::toInstant);
    }

    /** As the annotation of a Job has it. */
    String format(Instant instant) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(instant.atZone(zone));
    }
}

package dev.coracle.apiserver.registry.batch;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "* * * * *",
                "*/15 0-6,12 1 jan-MAR sun",
                "0 22 ? * 1-5",
                "5/10 * * * *",
                "@hourly",
                "@every 1h30m"
            })
    void takesWhatCronKnows(String schedule) {
        assertThat(CronSchedule.check(schedule)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    * * * *        | expected exactly 5 fields, found 4: [* * * *]
                    60 * * * *     | end of range (60) above maximum (59): 60
                    * * 0 * *      | beginning of range (0) below minimum (1): 0
                    5-1 * * * *    | beginning of range (5) beyond end of range (1): 5-1
                    */0 * * * *    | step of range should be a positive number: */0
                    1-2-3 * * * *  | too many hyphens: 1-2-3
                    1/2/3 * * * *  | too many slashes: 1/2/3
                    x * * * *      | failed to parse int from x
                    @sometimes     | unrecognized descriptor: @sometimes
                    """)
    void namesWhatIsWrong(String schedule, @Nullable String message) {
        assertThat(CronSchedule.check(schedule)).isEqualTo(message);
    }
}

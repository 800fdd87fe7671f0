package dev.coracle.apiserver.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.object.NamespacedName;
import dev.coracle.apiserver.status.ApiException;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.reactive.function.server.ServerRequest;

class ListRequestTest {

    private static final String TOKEN = new ContinueToken(5, new NamespacedName("a", "p")).encode();

    private static QueryOptions options(String query) {
        return new QueryOptions(
                ServerRequest.create(
                        MockServerWebExchange.from(
                                MockServerHttpRequest.get("/api/v1/pods?" + query)),
                        List.of()));
    }

    private static ListRequest list(String query) {
        return ListRequest.of(options(query));
    }

    @Test
    void asksForTheNewestState() {
        assertThat(list("")).isEqualTo(new ListRequest(0, null, OptionalLong.empty()));
        assertThat(list("resourceVersion=5").exact()).isEmpty();
        assertThat(list("resourceVersion=5&resourceVersionMatch=NotOlderThan&limit=2").exact())
                .isEmpty();
    }

    @Test
    void asksForAnExactRevision() {
        assertThat(list("resourceVersion=5&resourceVersionMatch=Exact").exact()).hasValue(5);
        assertThat(list("resourceVersion=5&limit=2").exact()).hasValue(5);
        assertThat(list("resourceVersion=0&limit=2").exact()).isEmpty();
    }

    @Test
    void goesOnFromAToken() {
        ListRequest request = list("limit=2&resourceVersion=0&continue=" + TOKEN);

        assertThat(request.limit()).isEqualTo(2);
        assertThat(request.from()).isEqualTo(new ContinueToken(5, new NamespacedName("a", "p")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    resourceVersionMatch=Exact | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided
                    resourceVersion=5&resourceVersionMatch=Exact&continue=x | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided
                    resourceVersion=5&resourceVersionMatch=Newest | resourceVersionMatch: Unsupported value: "Newest": supported values: "Exact", "NotOlderThan"
                    resourceVersion=0&resourceVersionMatch=Exact | resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"
                    sendInitialEvents=true | sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list
                    resourceVersion=5&continue=x | specifying resource version is not allowed when using continue
                    limit=-1 | invalid query parameter limit
                    """)
    void refusesWhatContradictsItself(String query, String error) {
        assertThatThrownBy(() -> list(query))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining(error);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    resourceVersionMatch=NotOlderThan | resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided
                    sendInitialEvents=true | resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan
                    sendInitialEvents=true&resourceVersionMatch=Exact | resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"
                    """)
    void refusesAWatchThatContradictsItself(String query, String error) {
        assertThatThrownBy(() -> ListRequest.checkWatch(options(query)))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining(error);
    }
}

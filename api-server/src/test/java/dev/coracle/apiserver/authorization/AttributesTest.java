package dev.coracle.apiserver.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttributesTest {

    private static String print(Attributes wanted) {
        return "%s %s|%s|%s|%s|%s"
                .formatted(
                        wanted.verb(),
                        wanted.group(),
                        wanted.version(),
                        wanted.resourceAndSubresource(),
                        wanted.namespace(),
                        wanted.name());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    GET | metadata.name=x                | x
                    GET | a=b, metadata.name==x          | x
                    GET | metadata.name!=x               | ''
                    GET | spec.nodeName=x                | ''
                    POST | metadata.name=x               | ''
                    """)
    void isAboutOneObjectIfThatIsSelected(String method, String fields, String name) {
        assertThat(Attributes.of(method, "/api/v1/pods", false).selecting(fields).name())
                .isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    GET,    /api/v1/pods,                             list |v1|pods||
                    GET,    /api/v1/namespaces/a/pods,                list |v1|pods|a|
                    GET,    /api/v1/namespaces/a/pods/p,              get |v1|pods|a|p
                    HEAD,   /api/v1/namespaces/a/pods/p,              get |v1|pods|a|p
                    GET,    /api/v1/namespaces/a/pods/p/log,          get |v1|pods/log|a|p
                    POST,   /api/v1/namespaces/a/pods,                create |v1|pods|a|
                    POST,   /api/v1/namespaces/a/pods/p/eviction,     create |v1|pods/eviction|a|p
                    PUT,    /apis/apps/v1/namespaces/a/deployments/d, update apps|v1|deployments|a|d
                    PATCH,  /apis/apps/v1/namespaces/a/deployments/d/scale, patch apps|v1|deployments/scale|a|d
                    DELETE, /api/v1/nodes/n,                          delete |v1|nodes||n
                    DELETE, /api/v1/nodes,                            deletecollection |v1|nodes||
                    """)
    void readsAResource(String method, String path, String expected) {
        Attributes wanted = Attributes.of(method, path, false);

        assertThat(wanted.isResource()).isTrue();
        assertThat(print(wanted)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    GET, /api/v1/namespaces,            list |v1|namespaces||
                    GET, /api/v1/namespaces/a,          get |v1|namespaces|a|a
                    PUT, /api/v1/namespaces/a/status,   update |v1|namespaces/status|a|a
                    PUT, /api/v1/namespaces/a/finalize, update |v1|namespaces/finalize|a|a
                    """)
    void takesANamespaceAsOneOfItsOwn(String method, String path, String expected) {
        assertThat(print(Attributes.of(method, path, false))).isEqualTo(expected);
    }

    @Test
    void tellsAWatchFromAList() {
        assertThat(Attributes.of("GET", "/api/v1/pods", true).verb()).isEqualTo("watch");
        assertThat(Attributes.of("POST", "/api/v1/pods", true).verb()).isEqualTo("create");
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    GET,  /api
                    GET,  /api/v1
                    GET,  /apis/apps
                    GET,  /apis/apps/v1
                    GET,  /healthz
                    POST, /metrics
                    GET,  /
                    """)
    void takesOtherPathsAsTheyAre(String method, String path) {
        Attributes wanted = Attributes.of(method, path, false);

        assertThat(wanted)
                .isEqualTo(Attributes.nonResource(method.equals("GET") ? "get" : "post", path));
        assertThat(wanted.isResource()).isFalse();
    }
}

package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The scripts of the dashboard that need no cluster, in the browser that runs them. The expected
 * hops are rewritten by {@code -Dgolden.update=true}.
 */
class DashboardWayIT {

    private static final Path CASES = Path.of("src/test/resources/dashboard");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static Browser browser;

    @BeforeAll
    static void open() {
        browser = Browser.start();
        browser.open("https://127.0.0.1:" + ApiServer.shared().port() + "/dashboard/");
    }

    @AfterAll
    static void close() {
        browser.close();
    }

    /** Every choice that the objects of a file offer, with its hops. */
    @ParameterizedTest
    @ValueSource(strings = {"ingress", "services", "no-nodes"})
    void findsTheHopsOfEveryChoice(String name) throws IOException {
        Path expected = CASES.resolve(name + ".txt");

        String hops =
                browser.evaluate(
                                """
                                import('/dashboard/way.js').then(way => {
                                  const cluster = %s;
                                  return way.choices(cluster, '').map(choice =>
                                    [choice.label, ...way.wayOf(cluster, choice.id).legs
                                      .map(way.textOf)].join('\\n')).join('\\n\\n') + '\\n';
                                })
                                """
                                        .formatted(cluster(CASES.resolve(name + ".yaml"))))
                        .asString("");

        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(expected, hops);
        }
        assertThat(hops).isEqualTo(Files.readString(expected));
    }

    /** The objects by resource; a kind that is not there cannot be seen, but for slices. */
    private static String cluster(Path file) throws IOException {
        Map<String, String> resources =
                Map.of(
                        "Node", "nodes",
                        "Service", "services",
                        "EndpointSlice", "endpointslices",
                        "Ingress", "ingresses");
        Map<String, String> lists =
                Stream.of(Files.readString(file).split("(?m)^---\n", -1))
                        .map(text -> YAML.unmarshal(text, Map.class))
                        .collect(
                                Collectors.groupingBy(
                                        object -> resources.get((String) object.get("kind")),
                                        Collectors.mapping(
                                                YAML::asJson, Collectors.joining(",", "[", "]"))));
        return lists.entrySet().stream()
                .map(list -> list.getKey() + ":" + list.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    @Test
    void knowsNoWayOfWhatIsNotThere() {
        assertThat(
                        browser.evaluate(
                                        """
                                        import('/dashboard/way.js').then(way =>
                                          ['', 'service', 'service/a/b/80/TCP', 'ingress/a/b', 'x/%/%zz']
                                            .map(id => String(way.wayOf({}, id))).join())
                                        """)
                                .asString(""))
                .isEqualTo("null,null,null,null,null");
    }

    @Test
    void listsAgainWhenItsRevisionIsNotKeptAndPausesLongerEachTime() {
        assertThat(
                        followed(
                                """
                                () => events({type: 'ADDED', object: object('b', 6)}, gone()),
                                () => { throw new TypeError('no network'); },
                                () => { throw new TypeError('no network'); },
                                () => { throw new ApiError(503, 'starting'); },
                                () => events({type: 'BOOKMARK', object: object('', 40)}),
                                () => { throw new ApiError(410, 'too old'); },
                                """))
                .containsExactly(
                        "reading",
                        "GET things?limit=500",
                        "listed a",
                        "WATCH 5",
                        "live",
                        "ADDED b",
                        "reading",
                        "GET things?limit=500",
                        "listed a",
                        "WATCH 15",
                        "broken no network 500",
                        "pause 500",
                        "WATCH 15",
                        "broken no network 1000",
                        "pause 1000",
                        "WATCH 15",
                        "broken starting 2000",
                        "pause 2000",
                        "WATCH 15",
                        "live",
                        "WATCH 40",
                        "reading",
                        "GET things?limit=500",
                        "listed a",
                        "WATCH 25");
    }

    @Test
    void endsWhenTheUserIsNotKnownAnyMore() {
        assertThat(followed("() => { throw new ApiError(401, 'Unauthorized'); }"))
                .endsWith("WATCH 5", "ended 401");
    }

    @Test
    void asksNoMoreForWhatIsRefused() {
        assertThat(followed("() => { throw new ApiError(403, 'not yours'); }"))
                .endsWith("WATCH 5", "refused not yours");
    }

    /** What a follower does and hears while its watches do what is written, one after another. */
    private static String[] followed(String watches) {
        return browser.evaluate(
                        """
                        (async () => {
                          const {follow} = await import('/dashboard/follow.js');
                          const {ApiError} = await import('/dashboard/api.js');
                          const object = (name, revision) =>
                            ({metadata: {name, resourceVersion: String(revision)}});
                          const gone = () => ({type: 'ERROR', object: {code: 410, message: 'gone'}});
                          const events = async function* (...all) { yield all; };
                          const watches = [%s];
                          const log = [];
                          let revision = 5;
                          await new Promise(done => {
                            const over = () => { stop(); done(); };
                            const stop = follow({
                              get: async path => {
                                log.push(`GET ${path}`);
                                const resourceVersion = String(revision);
                                revision += 10;
                                return {metadata: {resourceVersion}, items: [object('a', 1)]};
                              },
                              lines: async path => {
                                log.push(`WATCH ${path.match(/resourceVersion=(.*)/)[1]}`);
                                const next = watches.shift();
                                return next ? next() : over();
                              },
                            }, 'things', {
                              listed: all => log.push(`listed ${all.map(o => o.metadata.name)}`),
                              changed: (type, o) => log.push(`${type} ${o.metadata.name}`),
                              ended: error => { log.push(`ended ${error.code}`); over(); },
                              state: ({phase, message, again}) => {
                                log.push([phase, message, again].filter(Boolean).join(' '));
                                if (phase === 'refused') { over(); }
                              },
                            }, async ms => log.push(`pause ${ms}`));
                          });
                          return log.join('\\n');
                        })()
                        """
                                .formatted(watches))
                .asString("")
                .split("\n", -1);
    }
}

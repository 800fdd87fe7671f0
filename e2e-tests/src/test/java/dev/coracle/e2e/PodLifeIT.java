package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What a pod spec can say, told by kubectl; containers report through their last words. */
@ResourceLock(Cluster.HOST)
class PodLifeIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Cluster cluster = Cluster.with("--proxy", "nftables");
    private String namespace = "";

    @BeforeEach
    void makeNamespace() {
        cluster = Cluster.with("--proxy", "nftables");
        namespace = cluster.newNamespace("pods");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(cluster.get(namespace, "cm", "{.items[*].metadata.name}"))
                                .contains("kube-root-ca.crt"));
    }

    @Test
    void asksTheApiServerWhoMayAskTheKubelet() {
        String kubelet =
                "https://"
                        + cluster.get(namespace, "node/node-1", "{.status.addresses[0].address}")
                        + ":10250";
        assertThat(ask(kubelet + "/healthz", "")).isEqualTo("Unauthorized 401");
        assertThat(ask(kubelet + "/healthz", "wrong")).isEqualTo("Unauthorized 401");
        String token =
                cluster.kubectl("-n", namespace, "create", "token", "default").orFail().strip();
        assertThat(ask(kubelet + "/pods", token))
                .isEqualTo(
                        "Forbidden (user=system:serviceaccount:"
                                + namespace
                                + ":default, verb=get, resource=nodes, subresource(s)=[pods proxy])"
                                + " 403");
        cluster.apply(
                namespace,
                """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata: {name: scraper-%1$s}
                rules: [{apiGroups: [""], resources: [nodes/metrics, nodes/healthz], verbs: [get]}]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: scraper-%1$s}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: scraper-%1$s}
                subjects: [{kind: ServiceAccount, name: default, namespace: %1$s}]
                """
                        .formatted(namespace));
        assertThat(ask(kubelet + "/healthz", token)).isEqualTo("ok 200");
        assertThat(ask(kubelet + "/metrics/resource", token)).endsWith(" 200");
        assertThat(ask(kubelet + "/stats/summary", token)).endsWith(" 403");
        cluster.kubectl("delete", "clusterrolebinding,clusterrole", "scraper-" + namespace)
                .orFail();
    }

    private static String ask(String url, String token) {
        return Shell.run(
                        "curl",
                        "-sk",
                        "-w",
                        " %{http_code}",
                        "-H",
                        token.isEmpty() ? "Accept: */*" : "Authorization: Bearer " + token,
                        url)
                .orFail();
    }

    @Test
    void tellsAContainerAllThatItsSpecSays() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: settings}
                data: {colour: blue, "size": "9"}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: told, labels: {tier: front}}
                spec:
                  restartPolicy: Never
                  hostname: hosty
                  subdomain: sub
                  hostAliases: [{ip: 192.0.2.4, hostnames: [far.example]}]
                  dnsConfig: {options: [{name: timeout, value: "1"}]}
                  securityContext: {runAsUser: 1234, runAsGroup: 1235, fsGroup: 3000, supplementalGroups: [4000]}
                  containers:
                  - name: app
                    image: coracle/host
                    command:
                    - sh
                    - -c
                    - |
                      D=/var/run/secrets/kubernetes.io/serviceaccount
                      exec > /dev/termination-log 2>&1
                      echo "id $(id -u):$(id -g) $(id -G)"
                      echo "env $COLOUR $PRE_size $CPU $MEM $EXPANDED $HOSTNAME $KUBERNETES_SERVICE_HOST"
                      echo "files $(cat /cm/tone) $(cat /down/labels) $(stat -c %a:%g /cm/..data/tone) $(cat $D/namespace)"
                      echo "host $(hostname -f) $(grep far /etc/hosts) $(grep options /etc/resolv.conf)"
                      echo "rights $(grep -E 'CapBnd|NoNewPrivs' /proc/self/status | tr -d '\\n\\t ')"
                      touch /root-file 2>/dev/null && echo "root is writable"
                      touch /data/mine && echo "data $(stat -c %g /data/mine)"
                      touch /cm/new 2>/dev/null && echo "cm is writable"
                      echo "api $(curl -s --cacert $D/ca.crt -H "Authorization: Bearer $(cat $D/token)" \\
                        https://$KUBERNETES_SERVICE_HOST/api/v1/namespaces | grep -o 'serviceaccount:[^ ]*' | tr -d '\\\\"')"
                    envFrom: [{prefix: PRE_, configMapRef: {name: settings}}]
                    env:
                    - {name: COLOUR, valueFrom: {configMapKeyRef: {name: settings, key: colour}}}
                    - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
                    - {name: MEM, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}}
                    - {name: EXPANDED, value: "$(COLOUR)-$$(COLOUR)-$(NONE)"}
                    resources: {limits: {cpu: 250m, memory: 64Mi}}
                    securityContext:
                      readOnlyRootFilesystem: true
                      allowPrivilegeEscalation: false
                      capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
                    volumeMounts:
                    - {name: cm, mountPath: /cm}
                    - {name: down, mountPath: /down}
                    - {name: data, mountPath: /data}
                  volumes:
                  - {name: cm, configMap: {name: settings, defaultMode: 0440, items: [{key: colour, path: tone}]}}
                  - {name: down, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}
                  - {name: data, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
                """);
        awaitPhase("told", "Succeeded");
        assertThat(lastWords("told"))
                .contains(
                        "id 1234:1235 1235 3000 4000",
                        "env blue 9 250 64 blue-$(COLOUR)-$(NONE) hosty 10.96.0.1",
                        "files blue tier=\"front\" 440:3000 " + namespace,
                        "host hosty.sub." + namespace + ".svc.cluster.local 192.0.2.4\tfar.example",
                        "options ndots:5 timeout:1",
                        "CapBnd:0000000000000400",
                        "NoNewPrivs:1",
                        "data 3000",
                        "api serviceaccount:" + namespace + ":default")
                .doesNotContain("is writable");
    }

    @Test
    void startsAndEndsContainersInTheirOrder() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: order}
                spec:
                  restartPolicy: Never
                  volumes: [{name: log, emptyDir: {}}]
                  initContainers:
                  - name: first
                    image: coracle/host
                    command: [sh, -c, "echo first >> /log/all"]
                    volumeMounts: [{name: log, mountPath: /log}]
                  - name: side
                    image: coracle/host
                    restartPolicy: Always
                    command: [sh, -c, "echo side >> /log/all; trap 'echo side-ends >> /log/all; cp /log/all /dev/termination-log; exit 0' TERM; touch /log/up; while :; do sleep 0.1; done"]
                    startupProbe: {exec: {command: [test, -e, /log/up]}, periodSeconds: 1}
                    volumeMounts: [{name: log, mountPath: /log}]
                  containers:
                  - name: main
                    image: coracle/host
                    command: [sh, -c, "while [ ! -e /log/go ]; do sleep 0.1; done; echo main-ends >> /log/all"]
                    volumeMounts: [{name: log, mountPath: /log}]
                    lifecycle: {postStart: {exec: {command: [sh, -c, "echo hook >> /log/all; touch /log/go"]}}}
                """);
        awaitPhase("order", "Succeeded");
        assertThat(
                        cluster.get(
                                namespace,
                                "pod/order",
                                "{.status.initContainerStatuses[1].state.terminated.message}"))
                .isEqualTo("first\nside\nhook\nmain-ends\nside-ends");
        assertThat(cluster.kubectl("-n", namespace, "get", "pod", "order").orFail())
                .contains("Completed");
    }

    @Test
    void followsConfigMapsAndKeepsClaims() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: live}
                data: {key: old}
                ---
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: keep}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: writer}
                spec:
                  restartPolicy: Never
                  volumes: [{name: cm, configMap: {name: live}}, {name: keep, persistentVolumeClaim: {claimName: keep}}]
                  containers:
                  - name: app
                    image: coracle/host
                    command: [sh, -c, "while [ $(cat /cm/key) = old ]; do sleep 0.1; done; cat /cm/key > /keep/file"]
                    volumeMounts: [{name: cm, mountPath: /cm}, {name: keep, mountPath: /keep}]
                """);
        awaitPhase("writer", "Running");
        assertThat(cluster.get(namespace, "pvc/keep", "{.status.phase} {.spec.storageClassName}"))
                .isEqualTo("Bound standard");
        cluster.apply(
                namespace,
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: live}\ndata: {key: new}\n");
        awaitPhase("writer", "Succeeded");
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: reader}
                spec:
                  restartPolicy: Never
                  volumes: [{name: keep, persistentVolumeClaim: {claimName: keep}}]
                  containers:
                  - name: app
                    image: coracle/host
                    command: [sh, -c, "cp /keep/file /dev/termination-log"]
                    volumeMounts: [{name: keep, mountPath: /keep, readOnly: true}]
                """);
        awaitPhase("reader", "Succeeded");
        assertThat(lastWords("reader")).isEqualTo("new");
        String volume = cluster.get(namespace, "pvc/keep", "{.spec.volumeName}");
        cluster.kubectl("-n", namespace, "delete", "pvc", "keep", "--timeout=30s").orFail();
        Await.until(
                PATIENCE,
                () ->
                        assertThat(cluster.get("default", "pv", "{.items[*].metadata.name}"))
                                .doesNotContain(volume));
    }

    @Test
    void keepsContainersWithinTheirLimits() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: greedy}
                spec:
                  restartPolicy: Never
                  containers:
                  - name: app
                    image: coracle/host
                    command: [python3, -c, "x = bytearray(400 * 1024 * 1024)"]
                    resources: {limits: {memory: 48Mi}}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: bomb}
                spec:
                  restartPolicy: Never
                  containers:
                  - name: app
                    image: coracle/host
                    command: [sh, -c, "while sleep 60 & do :; done; echo never"]
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: late}
                spec:
                  activeDeadlineSeconds: 1
                  terminationGracePeriodSeconds: 1
                  containers: [{name: app, image: coracle/host, command: [sleep, "600"]}]
                """);
        for (String pod : new String[] {"greedy", "bomb", "late"}) {
            awaitPhase(pod, "Failed");
        }
        assertThat(terminated("greedy", "reason")).isEqualTo("OOMKilled");
        assertThat(terminated("greedy", "exitCode")).isEqualTo("137");
        assertThat(terminated("bomb", "reason")).isEqualTo("Error");
        assertThat(cluster.get(namespace, "pod/late", "{.status.reason}"))
                .isEqualTo("DeadlineExceeded");
    }

    @Test
    void saysWhatIsWrongAsAKubeletDoes() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: no-program}
                spec: {containers: [{name: app, image: coracle/host, command: [no-such-program]}]}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: no-key}
                spec:
                  containers:
                  - name: app
                    image: coracle/host
                    command: [sleep, "600"]
                    env: [{name: A, valueFrom: {configMapKeyRef: {name: kube-root-ca.crt, key: none}}}]
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: no-volume}
                spec:
                  volumes: [{name: data, secret: {secretName: none}}]
                  containers: [{name: app, image: coracle/host, command: [sleep, "600"]}]
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: root}
                spec:
                  securityContext: {runAsNonRoot: true}
                  containers: [{name: app, image: coracle/host, command: [sleep, "600"]}]
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: large}
                spec:
                  nodeName: node-1
                  containers:
                  - {name: app, image: coracle/host, command: [sleep, "600"], resources: {requests: {cpu: "999"}}}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: crashing}
                spec:
                  containers:
                  - name: app
                    image: coracle/host
                    command: [sh, -c, "echo what went wrong; exit 3"]
                    terminationMessagePolicy: FallbackToLogsOnError
                """);
        awaitWaiting("no-program", "CrashLoopBackOff");
        awaitWaiting("no-key", "CreateContainerConfigError");
        awaitWaiting("root", "CreateContainerConfigError");
        awaitWaiting("crashing", "CrashLoopBackOff");
        awaitPhase("large", "Failed");
        assertThat(last("no-program", "reason")).isEqualTo("StartError");
        assertThat(last("no-program", "message"))
                .contains("exec: \"no-such-program\": executable file not found in $PATH");
        assertThat(waiting("no-key", "message"))
                .isEqualTo(
                        "couldn't find key none in ConfigMap " + namespace + "/kube-root-ca.crt");
        assertThat(waiting("root", "message"))
                .startsWith("container has runAsNonRoot and image will run as root (pod: \"root_");
        assertThat(cluster.get(namespace, "pod/large", "{.status.reason}: {.status.message}"))
                .startsWith("OutOfcpu: Pod was rejected: Node didn't have enough resource: cpu,");
        assertThat(last("crashing", "message")).isEqualTo("what went wrong");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        cluster.kubectl(
                                                        "-n",
                                                        namespace,
                                                        "describe",
                                                        "pod",
                                                        "no-volume")
                                                .orFail())
                                .contains(
                                        "FailedMount",
                                        "MountVolume.SetUp failed for volume \"data\" : secret"
                                                + " \"none\" not found"));
    }

    @Test
    void offersPortsOfTheNodeAndSharesNamespaces() {
        cluster.apply(
                namespace,
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: port}
                spec:
                  containers:
                  - name: echo
                    image: coracle/echo
                    ports: [{containerPort: 8080, hostPort: 18080}]
                    readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: together}
                spec:
                  restartPolicy: Never
                  shareProcessNamespace: true
                  containers:
                  - {name: other, image: coracle/host, command: [sleep, "3"]}
                  - name: app
                    image: coracle/host
                    command: [sh, -c, "sleep 1; ps ax | grep -c '[s]leep 3' > /dev/termination-log"]
                """);
        awaitPhase("together", "Succeeded");
        assertThat(
                        cluster.get(
                                namespace,
                                "pod/together",
                                "{.status.containerStatuses[1].state.terminated.message}"))
                .isNotEqualTo("0");
        Await.until(
                PATIENCE,
                () ->
                        assertThat(
                                        cluster.get(
                                                namespace,
                                                "pod/port",
                                                "{.status.containerStatuses[0].ready}"))
                                .isEqualTo("true"));
        Await.until(
                PATIENCE,
                () -> {
                    assertThat(cluster.kubectl("-n", namespace, "top", "pods").orFail())
                            .containsPattern("port +\\d+m +\\d+Mi");
                    assertThat(cluster.kubectl("top", "nodes").orFail())
                            .containsPattern("node-1 +\\d+m +\\d+% +\\d+Mi +\\d+%");
                });
        String node = cluster.get(namespace, "pod/port", "{.status.hostIP}");
        assertThat(Http.spread(1, "http://" + node + ":18080/")).containsKey("port");
    }

    private void awaitPhase(String pod, String phase) {
        Await.until(
                PATIENCE,
                () ->
                        assertThat(cluster.get(namespace, "pod/" + pod, "{.status.phase}"))
                                .as(pod)
                                .isEqualTo(phase));
    }

    private void awaitWaiting(String pod, String reason) {
        Await.until(PATIENCE, () -> assertThat(waiting(pod, "reason")).as(pod).isEqualTo(reason));
    }

    private String waiting(String pod, String field) {
        return state(pod, "state.waiting." + field);
    }

    private String terminated(String pod, String field) {
        return state(pod, "state.terminated." + field);
    }

    private String last(String pod, String field) {
        return state(pod, "lastState.terminated." + field);
    }

    private String lastWords(String pod) {
        return terminated(pod, "message");
    }

    private String state(String pod, String path) {
        return cluster.get(namespace, "pod/" + pod, "{.status.containerStatuses[0]." + path + "}");
    }
}

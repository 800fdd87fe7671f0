package dev.coracle.apiserver.kubelet;

import dev.coracle.apiserver.authentication.CertificateAuthority;
import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.object.ApiObject;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.registry.ResourceStrategy;
import dev.coracle.apiserver.registry.WriteOptions;
import dev.coracle.apiserver.watch.Snapshot;
import dev.coracle.apiserver.watch.WatchCache;
import dev.coracle.apiserver.watch.WatchEvent;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Signs approved requests for the certificates of kubelets, signer {@code
 * kubernetes.io/kubelet-serving}; others are left alone. A request that is not what this signer
 * signs gets the condition Failed. One virtual thread does the work.
 */
public final class ServingSigner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServingSigner.class);
    private static final String KEY = "certificatesigningrequests.certificates.k8s.io";
    private static final String SIGNER = "kubernetes.io/kubelet-serving";

    private final WatchCache cache;
    private final Registry registry;
    private final ResourceStrategy strategy;
    private final CertificateAuthority authority;
    private final InstantSource clock;
    private final LinkedBlockingQueue<ApiObject> requests = new LinkedBlockingQueue<>();
    private WatchCache.@Nullable Registration registration;
    private @Nullable Thread worker;

    public ServingSigner(
            WatchCache cache,
            Registry registry,
            ResourceRegistry resources,
            CertificateAuthority authority,
            InstantSource clock) {
        this.cache = cache;
        this.registry = registry;
        this.strategy = resources.findStored(KEY).orElseThrow();
        this.authority = authority;
        this.clock = clock;
    }

    public void start() {
        Snapshot stored = cache.snapshot(KEY);
        stored.objects().values().forEach(object -> requests.add(object.toObject()));
        registration =
                cache.listen(KEY, stored.revision(), this::note)
                        .orElseThrow(() -> new IllegalStateException("the history is too short"));
        worker = Thread.ofVirtual().name("serving-signer").start(this::work);
    }

    @Override
    public void close() {
        if (registration != null) {
            registration.close();
        }
        if (worker != null) {
            worker.interrupt();
        }
    }

    private void note(WatchEvent event) {
        if (!(event instanceof WatchEvent.Deleted)) {
            requests.add(event.object().toObject());
        }
    }

    private void work() {
        try {
            while (true) {
                ApiObject request = requests.take();
                if (isDue(request)) {
                    sign(request);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isDue(ApiObject request) {
        return request.text("spec.signerName").equals(SIGNER)
                && request.text("status.certificate").isEmpty()
                && (has(request, "Approved")
                        || request.text("spec.username").startsWith(User.NODE_PREFIX))
                && !has(request, "Denied")
                && !has(request, "Failed");
    }

    private static boolean has(ApiObject request, String type) {
        return Json.objects(request.at("status.conditions")).stream()
                .anyMatch(condition -> Json.text(condition, "type").equals(type));
    }

    private void sign(ApiObject request) {
        try {
            ServingRequest read = ServingRequest.of(request);
            if (!has(request, "Approved")) {
                if (isOfItsNode(request, read)) {
                    // which is seen here, and signed then
                    update(
                            request,
                            Registry.Scope.ALL,
                            current ->
                                    add(
                                            current,
                                            "Approved",
                                            "AutoApproved",
                                            "the node asks for its own certificate"));
                }
                return;
            }
            Optional<String> wrong = read.refusal();
            String pem = wrong.isEmpty() ? certificate(request, read) : "";
            update(
                    request,
                    Registry.Scope.STATUS,
                    current -> {
                        if (wrong.isEmpty()) {
                            current.status().put("certificate", pem);
                        } else {
                            add(current, "Failed", "SignerValidationFailure", wrong.get());
                        }
                    });
        } catch (java.security.GeneralSecurityException | RuntimeException e) {
            LOG.warn("'{}' is not signed: {}", request.name(), e.toString());
        }
    }

    private void update(ApiObject request, Registry.Scope scope, Consumer<ApiObject> change) {
        registry.update(
                        strategy,
                        request.key(),
                        scope,
                        WriteOptions.INTERNAL,
                        current -> {
                            change.accept(current);
                            return current;
                        })
                .block();
    }

    private String certificate(ApiObject request, ServingRequest read)
            throws java.security.GeneralSecurityException {
        long seconds =
                request.at("spec.expirationSeconds").asLong(Duration.ofDays(365).toSeconds());
        X509Certificate signed =
                authority.signServer(
                        read.subject(),
                        read.key(),
                        read.names(),
                        Duration.ofSeconds(seconds),
                        clock.instant());
        return Base64.getEncoder()
                .encodeToString(
                        ("-----BEGIN CERTIFICATE-----\n"
                                        + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                                .encodeToString(signed.getEncoded())
                                        + "\n-----END CERTIFICATE-----\n")
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** Whether a node asks for a certificate in its own name: that needs nobody's approval. */
    private static boolean isOfItsNode(ApiObject request, ServingRequest read) {
        return Json.texts(request.at("spec.groups")).contains(User.NODES)
                && read.users().equals(List.of(request.text("spec.username")));
    }

    private void add(ApiObject current, String type, String reason, String message) {
        ObjectNode condition =
                Json.newObject()
                        .put("type", type)
                        .put("status", "True")
                        .put("reason", reason)
                        .put("message", message)
                        .put(
                                "lastUpdateTime",
                                clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        if (current.status().path("conditions")
                instanceof tools.jackson.databind.node.ArrayNode all) {
            all.add(condition);
        } else {
            current.status().putArray("conditions").add(condition);
        }
    }
}

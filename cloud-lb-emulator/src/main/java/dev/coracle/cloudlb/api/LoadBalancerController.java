package dev.coracle.cloudlb.api;

import dev.coracle.cloudlb.balancer.LoadBalancer;
import dev.coracle.cloudlb.balancer.LoadBalancerSpec;
import dev.coracle.cloudlb.balancer.LoadBalancers;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Load balancers, their targets and the addresses they hold. */
@RestController
@RequestMapping(path = "/v1", produces = "application/json")
@Tag(name = "load-balancers")
final class LoadBalancerController {

    private final LoadBalancers balancers;

    LoadBalancerController(LoadBalancers balancers) {
        this.balancers = balancers;
    }

    @GetMapping("/load-balancers")
    @Operation(operationId = "listLoadBalancers", summary = "All load balancers, by name")
    Mono<List<LoadBalancerDocument>> list() {
        return offLoop(() -> balancers.list().stream().map(LoadBalancerDocument::of).toList());
    }

    @GetMapping("/load-balancers/{name}")
    @Operation(operationId = "getLoadBalancer", summary = "One load balancer")
    Mono<LoadBalancerDocument> get(@PathVariable String name) {
        return offLoop(() -> LoadBalancerDocument.of(existing(name)));
    }

    @PutMapping(path = "/load-balancers/{name}", consumes = "application/json")
    @ResponseStatus(HttpStatus.ACCEPTED)
    @Operation(
            operationId = "ensureLoadBalancer",
            summary = "Ask for a load balancer, or for a change of it",
            description =
                    "Accepted at once; the state tells when it is active. The same request again changes nothing.")
    Mono<LoadBalancerDocument> ensure(
            @PathVariable String name, @RequestBody LoadBalancerDocument document) {
        return offLoop(() -> {
            LoadBalancerSpec spec = document.toSpec();
            if (!spec.name().equals(name)) {
                throw new IllegalArgumentException(
                        "name '%s' is not the path's '%s'".formatted(spec.name(), name));
            }
            return LoadBalancerDocument.of(balancers.ensure(spec));
        });
    }

    @DeleteMapping("/load-balancers/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(
            operationId = "deleteLoadBalancer",
            summary = "Close a load balancer and release its address")
    Mono<Void> delete(@PathVariable String name) {
        return offLoop(
                        () -> {
                            if (!balancers.delete(name)) {
                                throw new UnknownLoadBalancerException(name);
                            }
                            return name;
                        })
                .then();
    }

    @GetMapping("/load-balancers/{name}/targets")
    @Operation(operationId = "listTargetHealth", summary = "The health of its targets")
    Mono<List<TargetDocument>> targets(@PathVariable String name) {
        return offLoop(() -> existing(name).targets().stream().map(TargetDocument::of).toList());
    }

    @GetMapping("/addresses")
    @Operation(operationId = "listAddresses", summary = "The addresses in use")
    Mono<List<AddressDocument>> addresses() {
        return offLoop(() ->
                balancers.pool().holders().entrySet().stream()
                        .map(e -> new AddressDocument(e.getKey(), e.getValue()))
                        .sorted(java.util.Comparator.comparing(AddressDocument::address))
                        .toList());
    }

    private LoadBalancer existing(String name) {
        return balancers.find(name).orElseThrow(() -> new UnknownLoadBalancerException(name));
    }

    /** Opening a port waits for it: not on an event loop. */
    private static <T> Mono<T> offLoop(java.util.concurrent.Callable<T> work) {
        return Mono.fromCallable(work).subscribeOn(Schedulers.boundedElastic());
    }
}

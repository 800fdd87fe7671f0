package dev.coracle.apiserver.summary;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the summary of a cluster of several processes says that its objects do not.
 *
 * @param nodes how many must be ready
 * @param kubeconfig how a user gets one
 * @param provider of load balancers, where the user reaches it
 * @param ingress where the user reaches the gateway, beside its load balancer's address
 * @param fabric in a few words
 * @param attempts commands to try
 */
@ConfigurationProperties("coracle.apiserver.summary")
public record SummaryProperties(
        @DefaultValue("0") int nodes,
        @DefaultValue("") String kubeconfig,
        @DefaultValue("") String provider,
        @DefaultValue("") String ingress,
        @DefaultValue("") String fabric,
        @DefaultValue List<String> attempts) {}

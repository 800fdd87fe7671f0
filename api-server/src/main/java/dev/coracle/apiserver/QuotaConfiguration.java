package dev.coracle.apiserver;

import dev.coracle.apiserver.admission.quota.QuotaAccounts;
import dev.coracle.apiserver.admission.quota.QuotaStatus;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.ResourceRegistry;
import dev.coracle.apiserver.watch.WatchCache;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** What namespaces may use, and do (ADR 0019). */
@Configuration(proxyBeanMethods = false)
class QuotaConfiguration {

    @Bean
    QuotaAccounts quotaAccounts(WatchCache cache, Registry registry, ResourceRegistry resources) {
        return new QuotaAccounts(cache, registry, resources);
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    @Lazy(false)
    QuotaStatus quotaStatus(
            WatchCache cache,
            Registry registry,
            ResourceRegistry resources,
            QuotaAccounts accounts) {
        return new QuotaStatus(cache, registry, resources, accounts);
    }
}

package dev.coracle.cloudlb;

import dev.coracle.cloudlb.address.AddressPool;
import dev.coracle.cloudlb.api.ProviderApi;
import dev.coracle.cloudlb.balancer.LoadBalancers;
import dev.coracle.fabric.netns.NetworkNamespace;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The provider, in reading order: namespace, pool, load balancers, REST API. */
@Configuration(proxyBeanMethods = false)
@Import(ProviderApi.class)
class CloudLbConfiguration {

    @Bean(destroyMethod = "close")
    NetworkNamespace inside(CloudLbProperties properties) {
        return properties.networkNamespace().isEmpty()
                ? NetworkNamespace.host()
                : NetworkNamespace.named(properties.networkNamespace());
    }

    @Bean
    AddressPool addressPool(CloudLbProperties properties) {
        return new AddressPool(properties.pool());
    }

    @Bean(destroyMethod = "close")
    LoadBalancers loadBalancers(
            CloudLbProperties properties, AddressPool pool, NetworkNamespace inside) {
        return new LoadBalancers(
                pool,
                NetworkNamespace.host(),
                inside,
                properties.provisioningDelay(),
                properties.deregistrationDelay(),
                InstantSource.system());
    }

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(
                        new Info()
                                .title("Coracle cloud load balancers")
                                .version("v1")
                                .description("The REST API of the emulated cloud.")
                                .license(new License().name("Apache-2.0")));
    }
}

package dev.coracle.gateway;

import dev.coracle.fabric.island.NetnsFabric;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Runs the ingress gateway alone: {@code java -jar ingress-gateway.jar}. */
@SpringBootApplication
public class GatewayApplication {

    public static void main(String[] arguments) {
        new SpringApplicationBuilder(GatewayApplication.class)
                .properties("spring.config.name=ingress-gateway")
                .initializers(context ->
                        NetnsFabric.ensureIfEnabled(context.getEnvironment()::getProperty))
                .run(arguments);
    }
}

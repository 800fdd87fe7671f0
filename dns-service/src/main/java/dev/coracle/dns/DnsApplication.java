package dev.coracle.dns;

import dev.coracle.fabric.island.NetnsFabric;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** Runs the DNS service alone: {@code java -jar dns-service.jar}. */
@SpringBootApplication
public class DnsApplication {

    public static void main(String[] arguments) {
        new SpringApplicationBuilder(DnsApplication.class)
                .properties("spring.config.name=dns-service")
                .initializers(context ->
                        NetnsFabric.ensureIfEnabled(context.getEnvironment()::getProperty))
                .run(arguments);
    }
}

package dev.coracle.nodeagent;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Import;

/** The node-agent as a process of its own. */
@SpringBootConfiguration
@EnableAutoConfiguration
@Import(NodeAgentConfiguration.class)
public class NodeAgentApplication {

    public static void main(String[] arguments) {
        new SpringApplicationBuilder(NodeAgentApplication.class)
                .properties("spring.config.name=node-agent")
                .run(arguments);
    }
}

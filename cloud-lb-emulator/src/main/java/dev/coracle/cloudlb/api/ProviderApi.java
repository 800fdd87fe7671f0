package dev.coracle.cloudlb.api;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The classes of the REST API, for the composition root. */
@Configuration(proxyBeanMethods = false)
@Import({LoadBalancerController.class, Problems.class})
public class ProviderApi {}

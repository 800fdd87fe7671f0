/**
 * Services of type LoadBalancer, served as a cloud's controller serves them.
 *
 * <p>Start at {@link dev.coracle.cloudlb.service.ServiceController}; {@link
 * dev.coracle.cloudlb.service.ServiceTranslation} decides what to ask for.
 */
@NullMarked
package dev.coracle.cloudlb.service;

import org.jspecify.annotations.NullMarked;

/**
 * Who may do what: role-based access control (Kubernetes: Using RBAC Authorization).
 *
 * <p>Flow: {@code AuthorizationFilter} reads a request into {@link
 * dev.coracle.apiserver.authorization.Attributes} -> {@link
 * dev.coracle.apiserver.authorization.RbacAuthorizer} looks for a binding of the user to a role
 * with a rule for it. Start there. Rule: allows or says nothing; nothing is denied by a rule.
 */
@NullMarked
package dev.coracle.apiserver.authorization;

import org.jspecify.annotations.NullMarked;

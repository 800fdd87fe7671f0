/**
 * Who may do what: by roles (Kubernetes: Using RBAC Authorization), and nodes by what runs on them
 * (Using Node Authorization).
 *
 * <p>Flow: {@code AuthorizationFilter} reads a request into {@link
 * dev.coracle.apiserver.authorization.Attributes} -> {@link
 * dev.coracle.apiserver.authorization.Authorizer} asks the node authorizer if a node asks, and
 * {@link dev.coracle.apiserver.authorization.RbacAuthorizer} for a binding of the user to a role
 * with a rule for it. Start there. Rule: each allows or says nothing; nothing is denied by a rule.
 */
@NullMarked
package dev.coracle.apiserver.authorization;

import org.jspecify.annotations.NullMarked;

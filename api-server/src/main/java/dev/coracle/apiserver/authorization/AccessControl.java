package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.Authenticator;
import dev.coracle.apiserver.authentication.ServiceAccountTokens;

/** Who is who, and who may do what. */
public record AccessControl(
        Authenticator authenticator, ServiceAccountTokens tokens, Authorizer authorizer) {}

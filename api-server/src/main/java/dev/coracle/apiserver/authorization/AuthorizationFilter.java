package dev.coracle.apiserver.authorization;

import dev.coracle.apiserver.authentication.User;
import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.status.ApiException;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Refuses what an authenticated user may not do, and lets those who may act as someone else. */
public final class AuthorizationFilter implements WebFilter {

    private final Authorizer authorizer;
    private final Impersonation impersonation;

    public AuthorizationFilter(Authorizer authorizer) {
        this.authorizer = authorizer;
        this.impersonation = new Impersonation(authorizer);
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        Object authenticated = exchange.getAttribute(User.ATTRIBUTE);
        if (!(authenticated instanceof User caller)) {
            // a page that is open to everyone: authentication has let it through
            return chain.filter(exchange);
        }
        try {
            User user = impersonation.effective(caller, exchange.getRequest().getHeaders());
            exchange.getAttributes().put(User.ATTRIBUTE, user);
            Attributes wanted = Attributes.of(exchange.getRequest());
            RbacAuthorizer.Decision decision = authorizer.decide(user, wanted);
            if (!decision.allowed()) {
                throw refusal(user, wanted, decision.reason());
            }
        } catch (ApiException refused) {
            return answer(exchange.getResponse(), refused);
        }
        return chain.filter(exchange);
    }

    /** 403 in upstream's words. */
    static ApiException refusal(User user, Attributes wanted, String reason) {
        if (!wanted.isResource()) {
            return ApiException.forbidden(
                    "User \""
                            + user.name()
                            + "\" cannot "
                            + wanted.verb()
                            + " path \""
                            + wanted.path()
                            + "\"");
        }
        return ApiException.forbidden(
                wanted.group(),
                wanted.resource(),
                wanted.name(),
                "User \""
                        + user.name()
                        + "\" cannot "
                        + wanted.verb()
                        + " resource \""
                        + wanted.resourceAndSubresource()
                        + "\" in API group \""
                        + wanted.group()
                        + "\" "
                        + (wanted.namespace().isEmpty()
                                ? "at the cluster scope"
                                : "in the namespace \"" + wanted.namespace() + "\"")
                        + (reason.isEmpty() ? "" : ": " + reason));
    }

    private static Mono<Void> answer(ServerHttpResponse response, ApiException refused) {
        response.setStatusCode(HttpStatusCode.valueOf(refused.code()));
        response.getHeaders().setContentType(MediaType.APPLICATION_JSON);
        byte[] body = Json.MAPPER.writeValueAsBytes(refused.toStatus());
        return response.writeWith(Mono.just(response.bufferFactory().wrap(body)));
    }
}

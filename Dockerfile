# One image per service: docker build --build-arg SERVICE=node-agent .
# BASE_IMAGE has Java 25; what else is needed is installed unless it is there. See docs/compose/README.md.
ARG BASE_IMAGE=eclipse-temurin:25-jre-noble
ARG BUILD_IMAGE=eclipse-temurin:25-jdk-noble

FROM ${BUILD_IMAGE} AS build
# "build" builds the jars; "context" takes those that ./mvnw package has left in the build context
ARG JARS=build
WORKDIR /source
COPY . .
RUN docker/layers "$JARS" /layers

FROM ${BASE_IMAGE}
RUN if ! command -v ip || ! command -v nft || ! command -v curl || ! command -v setpriv; then \
      apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        iproute2 nftables curl util-linux && rm -rf /var/lib/apt/lists/*; fi \
    && groupadd --gid 10001 coracle && useradd --uid 10001 --gid coracle --no-create-home coracle \
    && cd / && mkdir -p var/lib/coracle identity identities && cd identities \
    && mkdir node-1 node-2 node-3 nodes dns-service cloud-lb-emulator ingress-gateway \
    && chown -R coracle:coracle /var/lib/coracle /identity /identities
COPY docker/jvm.options docker/train /app/
ARG SERVICE
COPY --from=build /layers/${SERVICE}/dependencies/ /app/
COPY --from=build /layers/${SERVICE}/snapshot-dependencies/ /app/
COPY --from=build /layers/${SERVICE}/application/ /app/
RUN /app/train ${SERVICE}
COPY docker/entrypoint /app/
ENV CORACLE_SERVICE=${SERVICE}
# the user that the service runs as: "coracle", or "root" where it has to set up its network first
ARG RUN_AS=coracle
USER ${RUN_AS}
WORKDIR /var/lib/coracle
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/app/entrypoint", "healthy"]
ENTRYPOINT ["/app/entrypoint"]

# One image per service: docker build --build-arg SERVICE=node-agent .
# BASE_IMAGE has Java 25; what else is needed is installed unless it is there. See docs/compose.md.
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
    && mkdir -p /var/lib/coracle /identity /identities && chown coracle:coracle /var/lib/coracle /identity /identities
COPY docker/entrypoint docker/jvm.options /app/
ARG SERVICE
COPY --from=build /layers/${SERVICE}/dependencies/ /app/
COPY --from=build /layers/${SERVICE}/snapshot-dependencies/ /app/
COPY --from=build /layers/${SERVICE}/application/ /app/
ENV CORACLE_SERVICE=${SERVICE}
RUN /app/entrypoint train
# the user that the service runs as: "coracle", or "root" where it has to set up its network first
ARG RUN_AS=coracle
USER ${RUN_AS}
WORKDIR /var/lib/coracle
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["/app/entrypoint", "healthy"]
ENTRYPOINT ["/app/entrypoint"]

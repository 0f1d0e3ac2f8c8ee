# The program alone: a static binary on nothing; the certificates for the hub are in it.
#
#   docker build --tag assort .
#   docker run --rm --user "$(id -u)" --volume "$PWD:/data" assort train --train reviews.csv --out reviews
#   docker run --rm --volume "$PWD:/data" --publish 127.0.0.1:8080:8080 assort serve reviews --address 0.0.0.0:8080
FROM rust:1.95.0-alpine AS build
RUN apk add --no-cache build-base
WORKDIR /source
# rustup would bring the same toolchain a second time.
ENV RUSTUP_TOOLCHAIN=1.95.0
COPY . .
ARG ASSORT_COMMIT
RUN cargo build --locked --release --bin assort && mkdir -p /empty/tmp /empty/data && chmod 1777 /empty/tmp

FROM scratch
COPY --from=build /source/target/release/assort /assort
COPY --from=build --chown=65532:65532 /empty /
USER 65532:65532
ENV HOME=/tmp
WORKDIR /data
ENTRYPOINT ["/assort"]

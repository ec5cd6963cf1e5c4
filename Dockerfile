# The amana command: the gateway, or a custodian, as the command says. Secrets and configuration are mounted, never built in.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /opt/amana
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
RUN groupadd --gid 10001 amana && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin amana \
  && install -d -o 10001 -g 10001 -m 0700 /var/lib/amana
WORKDIR /opt/amana
COPY --from=packages /opt/amana/node_modules node_modules
COPY package.json tsconfig.json LICENSE ./
COPY bin bin
COPY src src
COPY data/facilities.csv data/governorates.csv data/
USER 10001:10001
ENTRYPOINT ["/opt/amana/bin/amana"]
CMD ["--help"]

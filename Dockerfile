# Buoy in a container: the package as `npm run package` lays it out, on Debian's smallest image, without a shell account of its own.
FROM node:24-trixie-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run package -- /out && mkdir /app && tar -xzf /out/buoy-*.tar.gz --strip-components=1 -C /app

FROM debian:trixie-slim
# pg_dump and pg_restore for the backups of a Buoy on PostgreSQL; certificates for the services that Buoy calls.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates postgresql-client \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --user-group --uid 10001 --home-dir /var/lib/buoy --no-create-home --shell /usr/sbin/nologin buoy \
  && install -d -o buoy -g buoy -m 700 /var/lib/buoy
COPY --from=build /app /opt/buoy
RUN ln -s /opt/buoy/bin/buoy-server /usr/local/bin/buoy-server && ln -s /opt/buoy/bin/buoy /usr/local/bin/buoy
ENV HOST=0.0.0.0
USER 10001:10001
WORKDIR /var/lib/buoy
VOLUME /var/lib/buoy
EXPOSE 8080 8081
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["buoy-server", "healthy"]
CMD ["buoy-server", "start"]

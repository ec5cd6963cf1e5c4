#!/bin/bash
# What the entry point of the official image does with an empty volume, as far as docker-compose.yml relies on it.
set -eu
binaries=$1
if [ ! -e "$PGDATA/PG_VERSION" ]; then
  # shellcheck disable=SC2086 # the arguments are words, as the image takes them
  "$binaries/initdb" --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS
  printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"
  "$binaries/postgres" -D "$PGDATA" -c listen_addresses='' -c unix_socket_directories=/var/run/postgresql &
  until pg_isready --quiet --host /var/run/postgresql; do sleep 0.1; done
  PGHOST=/var/run/postgresql PGDATABASE=postgres sh /docker-entrypoint-initdb.d/create-database.sh
  kill -INT $! && wait $!
fi
exec "$binaries/postgres" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql -c shared_buffers=16MB -c io_method=sync

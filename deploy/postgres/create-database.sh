#!/bin/sh
# Run once, by the image, on an empty volume: a role that owns the custodian's database and is no superuser.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --set password="$(cat /run/secrets/database-password)" <<'SQL'
create role amana login createrole password :'password';
create database amana owner amana template template0 encoding 'UTF8' locale_provider libc locale 'C.UTF-8';
revoke connect on database amana from public;
SQL

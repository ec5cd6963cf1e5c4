#!/bin/sh
# Makes what docker-compose.yml mounts as secrets, in deploy/secrets: random secrets, signing keys, and certificates of a
# certificate authority of its own (replace those by the organisations' own). What is there already stays. Each file is
# readable by its owner only, the user of the containers (10001): run it as root, or change the owner afterwards.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
cd secrets
# The amana command that makes signing keys; by default that of the image, which is built first.
amana=${AMANA:-docker run --rm --user 0:0 --volume "$PWD:$PWD" --workdir "$PWD" amana:0.1.0}

random() { [ -e "$1" ] || openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n' >"$1"; }
signing_key() { [ -e "$1.jwk.json" ] || $amana key "$1"; }
certificate() { # name, host names separated by commas
  [ -e "$1-tls-crt" ] && return
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1-tls-key" -subj "/CN=${2%%,*}" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$(echo "$2" | sed 's/,/,DNS:/g')" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 397 -extfile "$1.ext" -out "$1-tls-crt" 2>/dev/null
  rm "$1.csr" "$1.ext"
}

if [ ! -e ca.crt ]; then
  openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -subj '/CN=Amana' -days 3650 -out ca.crt \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
fi
for name in gateway-client-secret dashboard-client-secret gateway-log-key gateway-cursor-key sign-in-admin-password sign-in-superuser-password sign-in-database-password; do
  random "$name"
done
signing_key gateway-signing-key
signing_key link-register-key
certificate front amana.example
certificate sign-in sign-in.amana.example
for custodian in ministry missing ngo-a ngo-b; do
  for name in log-key cursor-key superuser-password database-password; do random "$custodian-$name"; done
  [ -e "$custodian-database-url" ] ||
    printf 'postgres://amana:%s@%s-postgres:5432/amana' "$(cat "$custodian-database-password")" "$custodian" >"$custodian-database-url"
  certificate "$custodian" "$custodian.amana.example"
done
random ngo-a-media-key
random ngo-b-media-key
# What everybody may read: public keys, and the certificate of the authority. Its key is needed for new certificates only.
chmod 0644 ca.crt ./*.jwks.json
if [ "$(id -u)" = 0 ]; then
  chown 10001:10001 ./*
  chown 0:0 ca.key
else
  echo "deploy/secrets is made. Its files must belong to the user of the containers: sudo chown 10001:10001 deploy/secrets/*" >&2
fi

#!/bin/sh
# Makes the root that a service of the compose file has, with the image's folders and what is mounted, and runs the words
# that follow. Called in the service's network namespace, and with that in a mount namespace of its own.
set -eu
node=$1 repository=$2 root=$3 hosts=$4 mounts=$5 postgres_client=$6
shift 6
mount -t tmpfs -o mode=0755 tmpfs "$root"
cd "$root"
mkdir -p usr proc dev etc/nginx tmp var/run/postgresql var/lib run opt/amana opt/node
for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
mount --bind -o ro /usr usr
mount --rbind /proc proc
mount --rbind /dev dev
for file in passwd group nsswitch.conf ld.so.cache; do cp "/etc/$file" etc/; done
# The images make the user of the containers known, each in its way.
echo 'amana:x:10001:10001::/tmp:/usr/sbin/nologin' >>etc/passwd
cp "$hosts" etc/hosts
chmod 1777 tmp var/run/postgresql
mount --bind -o ro "$repository" opt/amana
# The Node that runs this, as the image has one of its own.
touch opt/node/node
mount --bind -o ro "$node" opt/node/node
echo "$mounts" | while read -r from to; do
  [ -n "$from" ] || continue
  if [ -d "$from" ]; then mkdir -p ".$to"; else mkdir -p ".${to%/*}" && touch ".$to"; fi
  mount --bind "$from" ".$to"
done
# An environment of its own: nothing of the caller's.
exec env -i "PATH=/opt/node:$postgres_client:/usr/sbin:/usr/bin" HOME=/tmp "$@"

#!/usr/bin/env bash
# Real peers: a Spin application served by the mock is copied with skopeo into docker-registry, which
# then takes the mock's place at the same address. One spin.toml must resolve to the same lock and
# the same assets, byte for byte, from both.
#
#   same_from_both.sh PULLPROOF FIXTURE      exit status 77: a peer is not here
set -euo pipefail
. "$(dirname "$0")/lib.sh"

pullproof=$1
fixture=$2
for peer in skopeo docker-registry; do
  if ! command -v "$peer" >/dev/null; then
    echo "skipped: $peer is not here (scripts/setup test installs it)"
    exit 77
  fi
done

work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
export HOME=$work/home XDG_RUNTIME_DIR=$work/run
mkdir -p "$HOME" "$XDG_RUNTIME_DIR" "$work/app"

copy() { skopeo --insecure-policy copy -q --preserve-digests --src-tls-verify=false --dest-tls-verify=false "$@"; }

start_server "$fixture"

cat >"$work/app/spin.toml" <<TOML
spin_manifest_version = 2
[application]
name = "shop"
[[trigger.http]]
route = "/..."
component = "site"
[component.site]
source = { reference = "$address/apps/hello:1.0", id = "hello" }
TOML

resolve() {
  "$pullproof" resolve "$work/app/spin.toml" -o "$work/app/spin.lock" --assets "$work/app/assets" \
    --cache-dir "$work/cache-$1"
  mkdir "$work/$1"
  cp -r "$work/app/spin.lock" "$work/app/assets" "$work/$1"
}

resolve mock
copy "docker://$address/apps/hello:1.0" "dir:$work/image"
stop_server

cat >"$work/config.yml" <<YAML
version: 0.1
log: { level: error }
storage: { inmemory: {} }
http: { addr: "$address" }
YAML
docker-registry serve "$work/config.yml" >"$work/registry.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  (exec 4<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$work/registry.log"; exit 1; }
  sleep 0.05
done
copy "dir:$work/image" "docker://$address/apps/hello:1.0"
resolve docker-registry

diff -r "$work/mock" "$work/docker-registry"
test -s "$work/mock/spin.lock"
echo "the same lock and $(find "$work/mock/assets" -type f | wc -l) assets from the mock and from docker-registry"

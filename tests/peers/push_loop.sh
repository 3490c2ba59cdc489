#!/usr/bin/env bash
# Real peers: an application is published with `pullproof push` into a real registry, looked at,
# added to another app and resolved there: what arrives is what was published, byte for byte. Then
# skopeo and (where it is) oras pull the artifact whole.
#
#   push_loop.sh PULLPROOF REGISTRY      REGISTRY: docker-registry, or the v3 binary of scripts/peers
# exit status 77: a peer is not here
set -euo pipefail

pullproof=$1
registry=$2
peers=$(cd "$(dirname "$0")/../.." && pwd)/build/peers/bin
PATH=$PATH:$peers
for peer in skopeo "$registry"; do
  if ! command -v "$peer" >/dev/null; then
    echo "skipped: $peer is not here (scripts/setup test and scripts/peers bring it)"
    exit 77
  fi
done

work=$(mktemp -d)
server=
stop_server() {
  if [ -n "$server" ] && kill "$server" 2>/dev/null; then
    while kill -0 "$server" 2>/dev/null; do sleep 0.02; done
  fi
  server=
}
trap 'stop_server; rm -rf "$work"' EXIT
export HOME=$work/home XDG_RUNTIME_DIR=$work/run XDG_CACHE_HOME=$work/cache
mkdir -p "$HOME" "$XDG_RUNTIME_DIR" "$work/shop/static/css" "$work/mine"

# A registry cannot be asked for any free port; the kernel is, and lets go of it again.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
address=127.0.0.1:$port
cat >"$work/config.yml" <<YAML
version: 0.1
log: { level: error }
storage: { inmemory: {} }
http: { addr: "$address" }
YAML
"$registry" serve "$work/config.yml" >"$work/registry.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  (exec 4<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$work/registry.log"; exit 1; }
  sleep 0.05
done

{ printf '\0asm\x0d\0\x01\0'; head -c 300000 /dev/urandom; } >"$work/shop/site.wasm"
head -c 20000 /dev/urandom >"$work/shop/static/css/site.css"
printf hello >"$work/shop/static/tiny.txt"
: >"$work/shop/static/empty"
cat >"$work/shop/spin.toml" <<TOML
spin_manifest_version = 2
[application]
name = "shop"
version = "1.0"
[[trigger.http]]
route = "/..."
component = "site"
[component.site]
source = "site.wasm"
files = [{ source = "static", destination = "/" }]
TOML
cat >"$work/mine/spin.toml" <<TOML
# mine
spin_manifest_version = 2
[application]
name = "mine"
[[trigger.http]]
route = "/..."
component = "site"
TOML

pushed=$("$pullproof" push "$work/shop/spin.toml" "$address/apps/shop:1.0")
again=$("$pullproof" push "$work/shop/spin.toml" "$address/apps/shop:1.0" 2>"$work/again")
[ "$pushed" = "$again" ]
grep -q '^0 uploaded' "$work/again"
"$pullproof" inspect --json "$address/apps/shop:1.0" >"$work/inspect.json"
"$pullproof" add "$address/apps/shop:1.0" -f "$work/mine/spin.toml" >"$work/added"
grep -qF "${pushed#*@}" "$work/mine/spin.toml"
"$pullproof" resolve "$work/mine/spin.toml" --strict
assets=$work/mine/.spin/assets
cmp "$work/shop/site.wasm" "$assets"/_wasm/*.wasm
diff -r "$work/shop/static" "$assets/site"

skopeo --insecure-policy copy -q --preserve-digests --src-tls-verify=false \
  "docker://$address/apps/shop:1.0" "dir:$work/skopeo"
pullers=skopeo
digest=$(sha256sum "$work/skopeo/manifest.json" | cut -d' ' -f1)
[ "${pushed#*@}" = "sha256:$digest" ]
cmp "$work/shop/site.wasm" "$work/skopeo/$(sha256sum "$work/shop/site.wasm" | cut -d' ' -f1)"
if command -v oras >/dev/null; then
  oras copy --from-plain-http --to-oci-layout "$address/apps/shop:1.0" "$work/oras:1.0" >/dev/null
  cmp "$work/shop/site.wasm" "$work/oras/blobs/sha256/$(sha256sum "$work/shop/site.wasm" | cut -d' ' -f1)"
  [ -e "$work/oras/blobs/sha256/$digest" ]
  pullers="skopeo and oras"
fi
echo "published, added and resolved through $registry: the same bytes; pulled whole by $pullers"

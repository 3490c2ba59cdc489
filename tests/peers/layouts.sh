#!/usr/bin/env bash
# skopeo reads the layouts and docker archives that `pullproof export` writes, and pulls from what
# `pullproof serve` plays of those that skopeo writes: config and layers arrive byte for byte.
#
#   layouts.sh PULLPROOF
# exit status 77: skopeo is not here
set -euo pipefail

pullproof=$1
if ! command -v skopeo >/dev/null; then
  echo "skipped: skopeo is not here (scripts/setup test brings it)"
  exit 77
fi
work=$(mktemp -d)
. "$(dirname "$0")/lib.sh"
trap 'stop_server; rm -rf "$work"' EXIT
export HOME=$work/home XDG_RUNTIME_DIR=$work/run
mkdir -p "$HOME" "$work/run"
cd "$work"

cat >case.toml <<'TOML'
fixture = 1
id = "peers.layouts"
blobs.base = { layer = "64KiB" }
blobs.top = { layer = "3KiB" }
manifests.app = { image = { layers = ["base", "top"] } }
repos."lib/app".tags = { "1.0" = "app" }
TOML

# The config and layers of a manifest on standard input, a digest a line.
content_of() {
  python3 -c 'import json, sys
m = json.load(sys.stdin)
print("\n".join(d["digest"] for d in [m["config"]] + m["layers"]))'
}
same() {
  if ! diff "$1" "$2"; then
    echo "not the same: $1 $2" >&2
    exit 1
  fi
}

# What we write, skopeo reads.
"$pullproof" export case.toml ours
"$pullproof" export --format docker case.toml ours.tar
skopeo inspect --raw oci:ours:1.0 >manifest.json
content_of <manifest.json >expected
[ "$(wc -l <expected)" = 3 ]
skopeo copy -q docker-archive:ours.tar dir:from-archive
content_of <from-archive/manifest.json >got
same expected got
skopeo copy -q oci:ours:1.0 dir:from-layout
cmp manifest.json from-layout/manifest.json

# What skopeo writes, we serve, and write again.
skopeo copy -q oci:ours:1.0 docker-archive:theirs.tar:lib/app:1.0
skopeo copy -q oci:ours:1.0 oci-archive:theirs-oci.tar:1.0
skopeo copy -q oci:ours:1.0 oci:theirs:1.0
for source in theirs.tar theirs-oci.tar theirs; do
  # skopeo compresses layers on their way into a layout.
  case $source in
    theirs.tar) cp expected wanted ;;
    theirs-oci.tar) skopeo inspect --raw oci-archive:theirs-oci.tar:1.0 | content_of >wanted ;;
    theirs) skopeo inspect --raw oci:theirs:1.0 | content_of >wanted ;;
  esac
  start_server "$source"
  name=${source%.tar}
  skopeo inspect --raw --tls-verify=false "docker://$address/$name:1.0" | content_of >got
  same wanted got
  skopeo copy -q --src-tls-verify=false "docker://$address/$name:1.0" "dir:pulled-$source"
  stop_server
  # In a layout skopeo finds manifests of OCI's types alone, and those of a docker archive are Docker's.
  if [ "$source" = theirs.tar ]; then
    "$pullproof" export --format docker "$source" again.tar
    skopeo copy -q docker-archive:again.tar dir:again
    content_of <again/manifest.json >got
  else
    "$pullproof" export "$source" "again-$source"
    skopeo inspect --raw "oci:again-$source:1.0" | content_of >got
  fi
  same wanted got
done

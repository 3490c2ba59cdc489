#!/usr/bin/env bash
# Real peers: the cases of the registry side against our own mock, which passes them all, and against a
# registry that others wrote. What such a one fails is its own business; that every case comes to a
# verdict is ours.
#
#   server_side.sh PULLPROOF REGISTRY      exit status 77: the registry is not here
set -euo pipefail
. "$(dirname "$0")/lib.sh"

pullproof=$1
registry=$2
PATH=$PATH:$(dirname "$0")/../../build/peers/bin
if ! command -v "$registry" >/dev/null; then
  echo "skipped: $registry is not here (scripts/setup test or scripts/peers installs it)"
  exit 77
fi

work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT

start_server
"$pullproof" test --server "http://$address" --report "$work/mock.jsonl"
stop_server

# The mock's port is free again, and nobody else has been told of it.
cat >"$work/config.yml" <<YAML
version: 0.1
log: { level: error }
storage: { inmemory: {}, delete: { enabled: true } }
http: { addr: "$address" }
YAML
"$registry" serve "$work/config.yml" >"$work/registry.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  (exec 4<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$work/registry.log"; exit 1; }
  sleep 0.05
done
status=0
"$pullproof" test --server "http://$address" --report "$work/peer.jsonl" || status=$?
case $status in
  0 | 1) ;;
  *) exit "$status" ;;
esac
# Both reports are whole, and of the same cases; no case ended without a verdict.
cases() { grep -c '"type":"case"' "$1"; }
[ "$(cases "$work/mock.jsonl")" = "$(cases "$work/peer.jsonl")" ]
! grep -q '"type":"case".*"verdict":"error"' "$work/peer.jsonl"

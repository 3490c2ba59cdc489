#!/usr/bin/env bash
# Runs the commands of docs/serving.md, in their order, in one shell: every one must succeed.
#
#   serving_doc.sh PULLPROOF DOC      exit status 77: curl is not here
set -euo pipefail

pullproof=$1
doc=$2
if ! command -v curl >/dev/null; then
  echo "skipped: curl is not here (scripts/setup test installs it)"
  exit 77
fi
work=$(mktemp -d)
end() {
  local job
  for job in $(jobs -p); do kill "$job" 2>/dev/null || true; done
  rm -rf "$work"
}
trap end EXIT
cd "$work"
mkdir bin
ln -s "$pullproof" bin/pullproof
PATH=$work/bin:$PATH
awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$doc" >commands
test "$(wc -l <commands)" -gt 30
set -E
trap 'echo "failed: $BASH_COMMAND" >&2; cat ./*.json >&2' ERR
# shellcheck disable=SC1091
. ./commands
grep -q '"fixture":"serving.example"' journal.jsonl
grep -q '"version":"1.2"' journal.har
grep -q '"id":"recorded.example"' recorded.json

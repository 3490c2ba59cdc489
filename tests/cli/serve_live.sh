#!/usr/bin/env bash
# What serve does while it runs: a watched fixture changes, its input ends, it is told to stop in the
# middle of an answer, somebody without the token asks.
#
#   serve_live.sh PULLPROOF      exit status 77: curl is not here
set -euo pipefail

pullproof=$1
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
trap 'echo "failed in line $LINENO: $BASH_COMMAND" >&2; cat ./*.err >&2' ERR

# Runs it in the background as $server and waits until it listens: NAME ARGUMENTS…
start() {
  local name=$1
  shift
  "$pullproof" "$@" >"$name.json" 2>"$name.err" &
  server=$!
  until grep -q '}$' "$name.json"; do
    kill -0 "$server"
    sleep 0.05
  done
}
field() { sed -E "s|.*\"$2\":\"([^\"]+)\".*|\1|" "$1.json"; }
# Until a command succeeds, for 20 s at most.
eventually() {
  for _ in $(seq 200); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  echo "never: $*" >&2
  return 1
}
status_of() { curl -s -o /dev/null -w '%{http_code}' "$@"; }
is_status() { [ "$(status_of "$2")" = "$1" ]; }
fixture() { printf 'fixture = 1\nid = "live"\nrules = [{ id = "r", on = { op = "ping" }, do = { %s } }]\n' "$1"; }

# --watch, also when an editor puts another file in the place of the old one.
fixture 'status = 501' >live.toml
start watch serve live.toml --watch
url=$(field watch listening)
is_status 501 "$url/v2/"
fixture 'status = 502' >live.toml.new
mv live.toml.new live.toml
eventually is_status 502 "$url/v2/"
fixture 'sttus = 503' >live.toml
eventually grep -q 'live.toml:3:51: error: .*`sttus`' watch.err
eventually grep -q 'live.toml: goes on with the version before' watch.err
is_status 502 "$url/v2/"
fixture 'status = 504' >live.toml
eventually is_status 504 "$url/v2/"
kill -TERM "$server"
wait "$server"

# A stop lets an answer end.
fixture 'wait = "1s", status = 418' >live.toml
start drain serve live.toml --journal journal.jsonl
url=$(field drain listening)
status_of "$url/v2/" >drained.txt &
client=$!
sleep 0.3
kill -TERM "$server"
wait "$client" "$server"
test "$(cat drained.txt)" = 418
grep -q '"status":418,.*"ending":"complete"' journal.jsonl

# The end of standard input, which a pipe holds open.
mkfifo input
"$pullproof" serve --until-stdin-eof <input >input.json 2>input.err &
server=$!
exec 3>input
eventually grep -q '}$' input.json
exec 3>&-
wait "$server"

# The token, the Host, and no token at all.
start admin serve --admin
api=$(field admin url)/v1/health
token="Authorization: Bearer $(field admin token)"
test "$(status_of "$api")" = 401
test "$(status_of -H "Authorization: Bearer wrong" "$api")" = 401
test "$(status_of -H "$token" "$api")" = 200
test "$(status_of -H "$token" -H 'Host: rebound.example.test' "$api")" = 403
test "$(status_of -H "$token" -H 'Origin: https://example.test' "$api")" = 403
kill "$server"
wait "$server"
start open serve --admin-open
test "$(status_of "$(field open url)/v1/health")" = 200
if grep -q token open.json; then exit 1; fi
kill "$server"
wait "$server"

# A journal that cannot be written is no success.
fixture 'status = 418' >live.toml
start full serve live.toml --journal /dev/full
status_of "$(field full listening)/v2/" >/dev/null
kill "$server"
if wait "$server"; then exit 1; fi
grep -q '\[journal.file\]' full.err

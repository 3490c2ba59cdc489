# What the peer tests share; sourced, never run. A test ends with status 77 when a peer is not here,
# which ctest reports as skipped.

server=

# Starts `pullproof serve` with the arguments and waits for the line that says it listens.
# Sets: server (its process id), address ("127.0.0.1:40123").  Uses: pullproof, work.
start_server() {
  local line
  # Reading from the pipe waits; the file holds the id of a process that is no child of this shell.
  exec 3< <("$pullproof" serve --timeout 300s "$@" & echo $! >"$work/server.pid"; wait)
  if ! read -r line <&3; then
    echo "pullproof serve $* did not start" >&2
    return 1
  fi
  server=$(cat "$work/server.pid")
  address=$(sed -E 's|.*"listening":"http://([^"]+)".*|\1|' <<<"$line")
}

# Returns when the process is gone, and its port free.
stop_server() {
  if [ -n "$server" ] && kill "$server" 2>/dev/null; then
    while kill -0 "$server" 2>/dev/null; do sleep 0.02; done
  fi
  server=
}

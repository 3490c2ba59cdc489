# What the scripts share; sourced, never run.

# Runs a command quietly; on failure shows what it printed and names the step.
#   quietly "configuring" cmake --preset release
quietly() {
  local what=$1 log
  shift
  log=$(mktemp)
  echo "$what…" >&2
  if ! "$@" >"$log" 2>&1; then
    tail -n 200 "$log" >&2
    rm -f "$log"
    echo "failed: $what ($*)" >&2
    return 1
  fi
  rm -f "$log"
}

# Configures a preset and builds targets of it (all without any): build_preset release [TARGET…]
build_preset() {
  local preset=$1
  shift
  quietly "configuring ($preset)" cmake --preset "$preset"
  quietly "building ($preset)" cmake --build "build/$preset" ${1:+--target} "$@"
}

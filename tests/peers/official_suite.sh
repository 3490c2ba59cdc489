#!/usr/bin/env bash
# The official conformance suite of the distribution specification against `pullproof serve`, over a
# real socket, with every switch that is on by default left on.
#
#   official_suite.sh SUITE PULLPROOF VERSION…    PULLPROOF: the program, or HOST:PORT of a registry
#                                                 that is running
#
# Prints what the suite counted and ends with status 0 when nothing failed and nothing was skipped
# that the version demands; 1 when something did; 77 when the suite is not here.
# PULLPROOF_KEEP_RESULTS=DIR keeps the suite's own reports in DIR/VERSION.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

suite=$1
pullproof=$2
shift 2
if [ ! -x "$suite" ]; then
  echo "skipped: the official suite is not here (scripts/peers conformance brings it)"
  exit 77
fi

work=$(mktemp -d)
trap 'stop_server; rm -rf "$work"' EXIT
if [ -x "$pullproof" ]; then
  start_server
else
  address=$pullproof
fi

# The suite ends with status 0 also when it cannot start, so its report is asked, not its status.
# A whole run has several hundred tests; far fewer mean that most were never reached.
least_tests=600

# A number out of the first line of the JUnit report: attribute failures; absent means none.
count_of() { sed -n -E "s/.*<testsuite [^>]*\b$1=\"([0-9]+)\".*/\1/p" "$junit" | head -n 1; }

# A switch of ours in the environment would make the suite easier.
while IFS='=' read -r name _; do unset "$name"; done < <(env | grep '^OCI_' || true)

status=0
for version in "$@"; do
  results=${PULLPROOF_KEEP_RESULTS:-$work/results}/$version
  junit=$results/junit.xml
  mkdir -p "$results" "$work/empty"
  # An empty directory: the suite reads a configuration file where it stands.
  (cd "$work/empty" &&
    OCI_REGISTRY=$address OCI_TLS=disabled OCI_VERSION=$version OCI_RESULTS_DIR=$results \
      OCI_REPO1=official/one-$version OCI_REPO2=official/two-$version \
      "$suite" >"$results/output.txt" 2>&1) || true
  if [ ! -s "$junit" ]; then
    cat "$results/output.txt"
    echo "OCI_VERSION=$version: the suite made no report"
    status=1
    continue
  fi
  tests=$(count_of tests)
  failures=$(count_of failures)
  errors=$(count_of errors)
  disabled=$(count_of disabled)
  skipped=$(count_of skipped)
  failed=$((${failures:-0} + ${errors:-0}))
  passed=$((${tests:-0} - failed - ${disabled:-0} - ${skipped:-0}))
  echo "OCI_VERSION=$version: ${tests:-0} tests, $passed passed, $failed failed," \
    "${skipped:-0} skipped, ${disabled:-0} off in this version"
  if [ $failed -ne 0 ] || [ "${skipped:-0}" -ne 0 ] || [ "$passed" -lt $least_tests ]; then
    grep -E ': (FAIL|Error|Skip)$|^ *- ' "$results/output.txt" | head -n 60 || true
    status=1
  fi
done
exit $status

#!/usr/bin/env bash
# What action.yml runs, in the directory of whoever uses it: builds pullproof, judges CLIENT, writes the reports,
# and puts the matrix into the job's summary. Ends with the status of the run.
set -euo pipefail
house=$(cd "$(dirname "$0")/.." && pwd)
(cd "$house" && scripts/setup build && . scripts/lib.sh && build_preset release pullproof)
pullproof=$house/build/release/cli/pullproof

mkdir -p "$REPORTS"
read -ra more <<<"$ARGUMENTS"
[ -z "$KNOWN" ] || more+=(--known-failing "$KNOWN")
status=0
"$pullproof" test --client "$CLIENT" --report "$REPORTS/report.jsonl" --junit "$REPORTS/report.xml" "${more[@]}" || status=$?
[ "$status" -eq 0 ] || [ "$status" -eq 1 ] || exit "$status"
render() { "$pullproof" report "$REPORTS/report.jsonl" "$@" || [ $? -eq 1 ]; }
render --format html -o "$REPORTS/report.html"
render --format markdown >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
exit "$status"

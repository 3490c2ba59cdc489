#!/usr/bin/env bash
# deploy/action.sh as the GitHub Action calls it, with a client that passes and with one that fails.
#
#   action_test.sh SOURCE_DIRECTORY
set -euo pipefail
action=$1/deploy/action.sh
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
export KNOWN="" ARGUMENTS="--run digest.blob-mismatch --in-process" REPORTS=reports GITHUB_STEP_SUMMARY=$directory/summary.md

CLIENT=builtin "$action" >out.txt
grep -q '| digest | 2 of 2 |' summary.md
for report in report.jsonl report.xml report.html; do [ -s "reports/$report" ]; done

status=0
CLIENT=mutant:ignores-digests "$action" >out.txt || status=$?
[ "$status" -eq 1 ] || { echo "a failing client ended with $status"; exit 1; }
grep -q '\*\*fail\*\*' summary.md

status=0
CLIENT='no such; client' "$action" >out.txt 2>&1 || status=$?
[ "$status" -eq 2 ] || { echo "an unknown client ended with $status"; exit 1; }

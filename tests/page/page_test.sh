#!/usr/bin/env bash
# The HTML report in a real browser, without network: opened, filtered by text and verdict, a cell
# opened by click, by keyboard and by address, in the dark and on a phone.
#
#   page_test.sh PULLPROOF DIRECTORY      DIRECTORY gets the browser's driver, the pages and pictures
#
# Exit status 77: a program that this needs is not here, and which.
set -euo pipefail
pullproof=$1 directory=$2
here=$(cd "$(dirname "$0")" && pwd)

for program in chromium node npm; do
  command -v "$program" >/dev/null || { echo "skipped: no $program here"; exit 77; }
done
mkdir -p "$directory"
cp "$here"/package.json "$here"/package-lock.json "$here"/page_test.mjs "$directory"
cd "$directory"
if ! cmp -s package-lock.json node_modules/.installed; then
  if ! npm ci --ignore-scripts --no-audit --no-fund >npm.log 2>&1; then
    echo "skipped: playwright-core is not here and could not be installed: $(tail -n 1 npm.log)"
    exit 77
  fi
  cp package-lock.json node_modules/.installed
fi

run() { "$pullproof" test --in-process --run 'digest.*' --run 'tags.*' "$@" >/dev/null; }
run --report builtin.jsonl
run --client mutant:ignores-digests --report mutant.jsonl && { echo "the mutant passed" >&2; exit 1; }
"$pullproof" report builtin.jsonl mutant.jsonl --format html -o matrix.html || [ $? -eq 1 ]
exec node page_test.mjs

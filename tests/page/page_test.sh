#!/usr/bin/env bash
# The HTML report in a real browser, without network: opened, filtered by text and verdict, a cell
# opened by click, by keyboard and by address, in the dark and on a phone.
#
#   page_test.sh PULLPROOF DIRECTORY      DIRECTORY gets the pages and pictures
#
# Exit status 77: a program that this needs is not here, and which.
set -euo pipefail
pullproof=$1 directory=$2
here=$(cd "$(dirname "$0")" && pwd)

for program in chromium node; do
  command -v "$program" >/dev/null || { echo "skipped: no $program here; run scripts/setup ci"; exit 77; }
done
driver=$here/../../build/tools/page/node_modules
[ -d "$driver/playwright-core" ] || { echo "skipped: no playwright-core here; run scripts/tools"; exit 77; }
mkdir -p "$directory"
cp "$here/page_test.mjs" "$directory"
cd "$directory"
ln -sfn "$(realpath "$driver")" node_modules

run() { "$pullproof" test --in-process --run 'digest.*' --run 'tags.*' "$@" >/dev/null; }
run --report builtin.jsonl
run --client mutant:ignores-digests --report mutant.jsonl && { echo "the mutant passed" >&2; exit 1; }
"$pullproof" report builtin.jsonl mutant.jsonl --format html -o matrix.html || [ $? -eq 1 ]
exec node page_test.mjs

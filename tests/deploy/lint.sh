#!/usr/bin/env bash
# action.yml, the container file, the Kubernetes job and every shell script, by the linters that
# scripts/tools brings and Debian packages.
#
#   lint.sh SOURCE_DIRECTORY         exit status 77: something is missing, and what
set -euo pipefail
source=$1
python=$source/build/tools/deploy-python/bin node=$source/build/tools/deploy-npm/node_modules/.bin
for tool in "$python/check-jsonschema" "$python/kubernetes-validate" "$node/dockerfilelint"; do
  [ -x "$tool" ] || { echo "skipped: no ${tool##*/} here; run scripts/tools"; exit 77; }
done
command -v shellcheck >/dev/null || { echo "skipped: no shellcheck here; run scripts/setup ci"; exit 77; }
cd "$source"
"$python/check-jsonschema" --builtin-schema vendor.github-actions action.yml
"$python/kubernetes-validate" --strict deploy/kubernetes-job.yaml
"$node/dockerfilelint" deploy/Containerfile
git ls-files | while read -r file; do
  if [ -f "$file" ] && head -c 64 "$file" | grep -q '^#!/usr/bin/env bash'; then echo "$file"; fi
done | xargs shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning

#!/usr/bin/env bash
# Converts every module's DocC catalogue with warnings as errors.
#   Scripts/check-docs.sh [OUTPUT]   keeps the archives in OUTPUT when given
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out="${1:-$work/archives}"
mkdir -p "$out"
swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members \
  >"$work/log" 2>&1 || { tail -n 40 "$work/log"; exit 1; }
graphs=$(find .build -type d -name symbolgraph -not -path '*/checkouts/*' | head -n 1)
failed=0
while IFS= read -r catalogue; do
  module=$(basename "$catalogue" .docc)
  mkdir -p "$work/$module"
  find "$graphs" -name "$module.symbols.json" -o -name "$module@*.symbols.json" |
    xargs -I{} cp {} "$work/$module/"
  if docc convert "$catalogue" --additional-symbol-graph-dir "$work/$module" \
    --fallback-display-name "$module" --fallback-bundle-identifier "anodyne.$module" \
    --warnings-as-errors --output-path "$out/$module.doccarchive" >"$work/$module.log" 2>&1; then
    echo "docs: $module"
  else
    echo "docs: $module FAILED"; cat "$work/$module.log"; failed=1
  fi
done < <(find Sources -type d -name '*.docc' | sort)
exit "$failed"

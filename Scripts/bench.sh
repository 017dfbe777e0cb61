#!/usr/bin/env bash
# Runs every benchmark in turn; each prints what it measured, its baseline and its accuracy.
set -euo pipefail
cd "$(dirname "$0")/.."
export ANODYNE_DATASETS="${ANODYNE_DATASETS:-$PWD/../shared/datasets}"
for script in Scripts/bench-*.sh; do
  printf '\n== %s\n' "$(basename "$script" .sh)"
  "$script"
done

#!/usr/bin/env bash
# Makes the pictures of the README. Needs the release program, Chromium and the data sets.
set -euo pipefail
cd "$(dirname "$0")/.."
export ANODYNE_DATASETS="${ANODYNE_DATASETS:-$PWD/../shared/datasets}"
for script in Scripts/screenshots-*.sh; do
  "$script"
done

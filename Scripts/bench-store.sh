#!/usr/bin/env bash
# Measures the store: appending, bytes a frame, a month of one signal. Sizes are in Docs/validation/store.md.
#
#   Scripts/bench-store.sh [FRAMES.tsv]     also the size of captured frames, if their file is named or found
set -euo pipefail
cd "$(dirname "$0")/.."
swift build -c release --product StoreWorkbench >/dev/null
program=.build/release/StoreWorkbench
echo "== 30 days, one report a second"
"$program" bench --days 30 --rate 1
echo "== 30 days, one report every ten seconds"
"$program" bench --days 30 --rate 10
frames="${1:-${ANODYNE_DATASETS:-../datasets}/gb32960_frames/frames.tsv}"
if [ -f "$frames" ]; then
  echo "== captured frames"
  "$program" sizes "$frames"
fi

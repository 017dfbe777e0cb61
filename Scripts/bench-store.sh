#!/usr/bin/env bash
# Measures the store: appending, bytes a frame, a month of one signal beside SQLite and pandas, a fleet's load.
# Figures are in Docs/validation/store.md.
#
#   Scripts/bench-store.sh [FRAMES.tsv]     also the size of captured frames, if their file is named or found
#
# STORE_WORKBENCH names a program that is built already, PYTHON an interpreter, with pandas and pyarrow to compare with.
set -euo pipefail
cd "$(dirname "$0")/.."
program="${STORE_WORKBENCH:-}"
if [ -z "$program" ]; then
  swift build -c release --product StoreWorkbench >/dev/null
  program=.build/release/StoreWorkbench
fi
python="${PYTHON:-}"
[ -n "$python" ] || { python=.tools/venv/bin/python; [ -x "$python" ] || python=python3; }
output=$(mktemp)
trap 'rm -f "$output"' EXIT
echo "== 30 days, one report a second"
"$program" bench --days 30 --rate 1 | tee "$output"
ours=$(sed -n 's/^read: .* of current every .*best of five \([0-9.]*\) ms.*/\1/p' "$output")
"$python" Scripts/bench-store.py 30 1 "$ours"
echo "== 30 days, one report every ten seconds"
"$program" bench --days 30 --rate 10
echo "== blocks, on one core"
"$program" codec --rate 10
echo "== 10,000 vehicles, 40,000 frames a second"
"$program" ingest
frames="${1:-${ANODYNE_DATASETS:-../datasets}/gb32960_frames/frames.tsv}"
if [ -f "$frames" ]; then
  echo "== captured frames"
  "$program" sizes "$frames"
fi
if [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null || command -v initdb)" ]; then
  echo "== on PostgreSQL: 30 days, one report every ten seconds"
  "$program" pgbench --days 30 --rate 10
fi

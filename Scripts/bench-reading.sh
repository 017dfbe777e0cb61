#!/usr/bin/env bash
# Reading with full checking against pandas.read_csv: same uncompressed CSV, one core, one run,
# and the same sums and counts of missing values in every column, else it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
data="${ANODYNE_DATASETS:-$PWD/../shared/datasets}/ev_fault_vehicles"
if [ ! -f "$data/car3_processed.csv.zip" ]; then
  echo "bench-reading: skipped, no $data/car3_processed.csv.zip (set ANODYNE_DATASETS)"
  exit 0
fi
python=.tools/bench-venv/bin/python
if [ ! -x "$python" ] || ! "$python" -c 'import pandas' 2>/dev/null; then
  echo "bench-reading: making a virtual environment with pandas in .tools/bench-venv"
  mkdir -p .tools
  python3 -m venv .tools/bench-venv
  .tools/bench-venv/bin/pip install --quiet 'pandas>=2.2'
fi
build=${ANODYNE_BENCH_BUILD:-Benchmarks/.build}
log="${TMPDIR:-/tmp}/bench-reading-build.$$"
swift build --package-path Benchmarks --scratch-path "$build" -c release \
  --product ReadingBenchmarks >"$log" 2>&1 || { cat "$log"; exit 1; }
rm -f "$log"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unzip -q -o "$data/car3_processed.csv.zip" -d "$work"
csv=$(find "$work" -name '*.csv' | head -1)
pin=""
if command -v taskset >/dev/null; then pin="taskset -c 0"; fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
$pin "$python" Scripts/bench-reading.py "$csv" \
  "$build/release/ReadingBenchmarks"

#!/usr/bin/env bash
# Speed of the GB/T 32960 codec on one core, beside a minimal Python decoder of the same frames.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${ANODYNE_BENCH_BUILD:-Benchmarks/.build}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift build --package-path Benchmarks --scratch-path "$build" -c release --product CodecBenchmarks >"$log" 2>&1 || {
  cat "$log"; exit 1; }
"$build/release/CodecBenchmarks"
python3 Scripts/bench-codec.py

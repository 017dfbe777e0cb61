#!/usr/bin/env bash
# Shows that quantities cost nothing: instructions of three kernels written with Quantity against
# the same kernels written with Double, counted by callgrind in a release build. Fails if the two
# differ by more than 0.5 % or give different results. Needs valgrind (apt-get install valgrind).
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "bench-quantities: valgrind is missing (apt-get install valgrind)"; exit 1; }

# Else hash tables, and with them the start-up, differ from run to run.
export SWIFT_DETERMINISTIC_HASHING=1

limit=0.5
build=${ANODYNE_BENCH_BUILD:-Benchmarks/.build}
swift build --package-path Benchmarks --scratch-path "$build" -c release --product QuantitiesBenchmarks >"${TMPDIR:-/tmp}/bench-quantities-build.$$" 2>&1 || {
  cat "${TMPDIR:-/tmp}/bench-quantities-build.$$"; exit 1; }
rm -f "${TMPDIR:-/tmp}/bench-quantities-build.$$"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Valgrind stumbles over the debug information of Swift binaries: count a stripped copy.
strip -g -o "$work/bench" "$build/release/QuantitiesBenchmarks"

# count KERNEL VARIANT: sets $instructions and $result
count() {
  result=$(valgrind --tool=callgrind --callgrind-out-file="$work/out" "$work/bench" "$1" "$2" 2>"$work/log")
  instructions=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$work/log")
  [ -n "$instructions" ] || { cat "$work/log"; exit 1; }
}

# listing FUNCTION: its instructions with operands, without addresses
listing() {
  awk -v name="$1(" '/^[0-9a-f]+ </ { inside = index($0, name) > 0; next } /^Disassembly/ { inside = 0 } inside' "$work/code" |
    sed -E 's/^ *[0-9a-f]+:[[:space:]]*//; s/<.*//; s/0x[0-9a-f]+//g; s/\b[0-9a-f]{4,}\b//g' | grep -v '^nop' | sed '/^[[:space:]]*$/d'
}
objdump -d --no-show-raw-insn "$work/bench" | swift demangle --simplified >"$work/code"

failed=0
printf '%-11s %14s %14s %10s  %s\n' kernel Double Quantity difference 'machine code'
for kernel in heat count throughput; do
  count "$kernel" nothing;    start=$instructions
  count "$kernel" numbers;    numbers=$((instructions - start)); expected=$result
  count "$kernel" quantities; quantities=$((instructions - start))
  difference=$(awk -v a="$numbers" -v b="$quantities" 'BEGIN { printf "%.3f", 100 * (b - a) / a }')
  listing "${kernel}WithNumbers" >"$work/a"
  listing "${kernel}WithQuantities" >"$work/b"
  code="differs"
  [ -s "$work/a" ] && cmp -s "$work/a" "$work/b" && code="identical ($(wc -l <"$work/a") instructions)"
  printf '%-11s %14d %14d %9s%%  %s\n' "$kernel" "$numbers" "$quantities" "$difference" "$code"
  if [ "$result" != "$expected" ]; then
    echo "bench-quantities: $kernel gives $result with Quantity, $expected with Double"; failed=1
  fi
  if awk -v d="$difference" -v l="$limit" 'BEGIN { exit !(d > l || d < -l) }'; then
    echo "bench-quantities: $kernel differs by $difference %, allowed is $limit %"; failed=1
  fi
done
exit $failed

#!/usr/bin/env bash
# Fuzzes every parser of outside bytes with libFuzzer and the address sanitizer.
#   Scripts/fuzz.sh [SECONDS] [TARGET...]   seconds of each target, 3 by default
# Inputs that were found are kept in .build-fuzz/corpus; a finding ends the script with the input.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${1:-3}"
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(frame stream json dbc candump modbus mqtt)
build=.build-fuzz
mkdir -p "$build"
# Else Swift's backtracer may stay behind after a finding and keep the pipe open.
export SWIFT_BACKTRACE=enable=no

# Both modules are compiled into one, once, so the import of the one by the other goes.
sources="$build/sources"
rm -rf "$sources"
mkdir -p "$sources"
find Sources/Data/TelemetryCodec Sources/Data/FrameText -name '*.swift' | while IFS= read -r file; do
  sed -E '/^(public )?import TelemetryCodec$/d' "$file" >"$sources/$(echo "$file" | tr '/' '_')"
done
options=(-sanitize=fuzzer,address -parse-as-library -O -g -swift-version 6 -wmo -I "$build")
swiftc "${options[@]}" -module-name Parsers -emit-module -emit-module-path "$build/Parsers.swiftmodule" \
  -emit-object -o "$build/Parsers.o" "$sources"/*.swift

for target in "${targets[@]}"; do
  flag="FUZZ_$(echo "$target" | tr '[:lower:]' '[:upper:]')"
  # In the build folder, where the compiler may leave the module beside the program.
  (cd "$build" && swiftc "${options[@]}" -I . -module-name FuzzTarget "-D$flag" -o "$target" \
    ../Fuzz/Targets.swift Parsers.o 2>link.log) || { cat "$build/link.log"; exit 1; }
  mkdir -p "$build/corpus/$target" "Fuzz/Corpus/$target"
  log="$build/$target.log"
  # No leak detection: it needs ptrace, which containers often forbid.
  if ! ASAN_OPTIONS=detect_leaks=0 "$build/$target" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2048 -max_len=4096 -artifact_prefix="$build/finding-$target-" \
    "$build/corpus/$target" "Fuzz/Corpus/$target" >"$log" 2>&1; then
    tail -n 40 "$log"
    echo "fuzz: $target has a finding; the input is $build/finding-$target-*"
    exit 1
  fi
  printf 'fuzz: %-8s %s\n' "$target" "$(grep -E '^Done [0-9]+ runs' "$log" || tail -n 1 "$log")"
done

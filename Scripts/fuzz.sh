#!/usr/bin/env bash
# Fuzzes every parser of outside bytes with libFuzzer and the address sanitizer.
#   Scripts/fuzz.sh [SECONDS] [TARGET...]   processor seconds of each target, 3 by default
#   Scripts/fuzz.sh keep                    reduces what was found to what counts, into Fuzz/Found
# What is found is kept in .build-fuzz/corpus, and by the second form in Fuzz/Found, one input a line in
# hexadecimal; a finding ends the script with the input.
set -euo pipefail
cd "$(dirname "$0")/.."
all=(frame stream json dbc candump modbus mqtt session)
mode="${1:-3}"
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")
build=.build-fuzz
mkdir -p "$build"
# Else Swift's backtracer may stay behind after a finding and keep the pipe open.
export SWIFT_BACKTRACE=enable=no

# What belongs to a target is compiled into one module, once, so the imports between its parts go.
parts() {
  echo Sources/Data/TelemetryCodec Sources/Data/FrameText
  [ "$1" != Session ] || echo Sources/Services/FrameCryptography \
    Sources/Services/TelemetryGateway/Session Sources/Services/TelemetryGateway/Access \
    Sources/Services/TelemetryStore/Frames/NewFrame.swift
}
options=(-sanitize=fuzzer,address -parse-as-library -O -g -swift-version 6 -wmo -I "$build")
compile() {
  local sources="$build/sources-$1"
  [ ! -f "$build/$1.fresh" ] || return 0
  rm -rf "$sources"
  mkdir -p "$sources"
  # shellcheck disable=SC2046
  find $(parts "$1") -name '*.swift' | while IFS= read -r file; do
    sed -E '/^((public|package) )?import (TelemetryCodec|FrameCryptography|TelemetryStore)$/d' "$file" \
      >"$sources/$(echo "$file" | tr '/' '_')"
  done
  swiftc "${options[@]}" -I Sources/CLibs/CCrypto -module-name Parsers -emit-module \
    -emit-module-path "$build/$1/Parsers.swiftmodule" -emit-object -o "$build/$1/Parsers.o" "$sources"/*.swift
  touch "$build/$1.fresh"
}
rm -f "$build"/*.fresh

# Unpacks what earlier runs have found.
unpack() {
  mkdir -p "$build/corpus/$1" "Fuzz/Corpus/$1"
  [ ! -f "Fuzz/Found/$1.hex" ] || python3 - "Fuzz/Found/$1.hex" "$build/corpus/$1" <<'PY'
import hashlib, pathlib, sys
for line in open(sys.argv[1]):
    data = bytes.fromhex(line)
    (pathlib.Path(sys.argv[2]) / hashlib.sha1(data).hexdigest()).write_bytes(data)
PY
}

# Keeps the smallest inputs that together reach as much as all: at most 50 KB of a target.
keep() {
  rm -rf "$build/merged"
  mkdir -p "$build/merged" Fuzz/Found
  "$build/$1" -merge=1 "$build/merged" "Fuzz/Corpus/$1" "$build/corpus/$1" >"$build/$1.log" 2>&1 || return 1
  python3 - "$build/merged" "Fuzz/Found/$1.hex" <<'PY'
import pathlib, sys
files = sorted((p.read_bytes() for p in pathlib.Path(sys.argv[1]).iterdir()), key=lambda d: (len(d), d))
kept, size = [], 0
for data in files:
    size += 2 * len(data) + 1
    if size > 50_000:
        break
    kept.append(data.hex())
pathlib.Path(sys.argv[2]).write_text("".join(line + "\n" for line in kept))
print(f"kept {len(kept)} of {len(files)} inputs")
PY
}

for target in "${targets[@]}"; do
  module=Codec
  libraries=()
  if [ "$target" = session ]; then
    module=Session
    libraries=(-lcrypto -I ../Sources/CLibs/CCrypto)
  fi
  mkdir -p "$build/$module"
  compile "$module"
  flag="FUZZ_$(echo "$target" | tr '[:lower:]' '[:upper:]')"
  # In the build folder, where the compiler may leave the module beside the program.
  (cd "$build" && swiftc "${options[@]}" -I "$module" -module-name FuzzTarget "-D$flag" -o "$target" \
    ../Fuzz/Targets.swift "$module/Parsers.o" "${libraries[@]}" 2>link.log) ||
    { cat "$build/link.log"; exit 1; }
  unpack "$target"
  export ASAN_OPTIONS=detect_leaks=0 # It needs ptrace, which containers often forbid.
  if [ "$mode" = keep ]; then
    kept=$(keep "$target") || { cat "$build/$target.log"; exit 1; }
    printf 'fuzz: %-8s %s\n' "$target" "$kept"
    continue
  fi
  log="$build/$target.log"
  used=0
  runs=0
  # Beside other work the clock runs faster than the processor time: again until that is used up.
  while [ "$used" -lt "$mode" ]; do
    TIMEFORMAT='%U'
    spent=$( { time "$build/$target" -max_total_time=$((mode - used)) -timeout=10 \
      -rss_limit_mb=2048 -max_len=4096 -artifact_prefix="$build/finding-$target-" \
      "$build/corpus/$target" "Fuzz/Corpus/$target" >"$log" 2>&1; } 2>&1) || {
      tail -n 40 "$log"
      echo "fuzz: $target has a finding; the input is $build/finding-$target-*"
      exit 1
    }
    spent=$(printf '%s' "$spent" | tail -n 1)
    used=$((used + ${spent%.*} + 1))
    runs=$((runs + $(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log" | tail -n 1)))
  done
  printf 'fuzz: %-8s %s runs in %s processor seconds, no finding\n' "$target" "$runs" "$used"
done

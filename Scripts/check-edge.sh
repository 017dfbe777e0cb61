#!/usr/bin/env bash
# Compiles the edge-clean modules as Embedded Swift for a Cortex-M7, without linking.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for path in Foundations/Quantities Data/TelemetryCodec Onboard/BMSCore; do
  module=$(basename "$path")
  find "Sources/$path" -name '*.swift' -print0 | sort -z |
    xargs -0 swiftc -swift-version 6 -target armv7em-none-none-eabi \
      -enable-experimental-feature Embedded -wmo -parse-as-library -Osize \
      -Xcc -mcpu=cortex-m7 -Xcc -mfloat-abi=hard -Xcc -mfpu=fpv5-d16 \
      -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
      -enable-upcoming-feature MemberImportVisibility -warnings-as-errors \
      -module-name "$module" -emit-object -o "$out/$module.o" \
      -emit-module -emit-module-path "$out/$module.swiftmodule"
  echo "edge: $module compiles for a Cortex-M7 ($(wc -c <"$out/$module.o") bytes of object)"
done

# The cyclic path may not allocate. On 32-bit targets the compiler counts a path of 64-bit integer
# conversions that is never taken, so this check is for a 64-bit target.
find Sources/Onboard/BMSCore -name '*.swift' -print0 | sort -z |
  xargs -0 swiftc -swift-version 6 -target aarch64-none-none-elf \
    -enable-experimental-feature Embedded -wmo -parse-as-library -Osize -no-allocations \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault \
    -enable-upcoming-feature MemberImportVisibility -warnings-as-errors \
    -module-name BMSCore -emit-object -o "$out/BMSCore64.o"
echo "edge: BMSCore compiles without allocations"

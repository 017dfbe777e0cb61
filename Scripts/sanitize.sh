#!/usr/bin/env bash
# Runs the tests of codec, gateway, store and sources under the address sanitizer and the thread sanitizer.
#   Scripts/sanitize.sh [address|thread]     both without a name; each builds into a folder of its own
set -euo pipefail
cd "$(dirname "$0")/.."
kinds=("${@:-}")
[ -n "${1:-}" ] || kinds=(address thread)
modules='TelemetryCodecTests|FrameTextTests|FrameCryptographyTests|TelemetryGatewayTests|TelemetryStoreTests'
modules="$modules|TelemetrySourcesTests|FleetSimulatorTests"
export ASAN_OPTIONS=detect_leaks=0 # It needs ptrace, which containers often forbid.
# Each race is told with both threads; the first ends the run.
export TSAN_OPTIONS="halt_on_error=1 suppressions=$PWD/Scripts/sanitize-thread.txt"
for kind in "${kinds[@]}"; do
  printf '== %s sanitizer\n' "$kind"
  swift test --sanitize="$kind" --scratch-path ".build-sanitize-$kind" --filter "$modules"
done

#!/usr/bin/env bash
# Speed and memory of the gateway with the generator on the same machine: frames a second durable,
# socket to disk, ten thousand connections. Raises the limit of open files as far as it may.
set -euo pipefail
cd "$(dirname "$0")/.."
ulimit -n "$(ulimit -Hn)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
swift build -c release --build-tests >"$log" 2>&1 || { cat "$log"; exit 1; }
ANODYNE_RELEASE_TESTS=1 swift test -c release --skip-build --disable-testable-imports \
  --filter GatewayLoadReleaseTests >"$log" 2>&1 || { cat "$log"; exit 1; }
grep '^gateway: ' "$log"

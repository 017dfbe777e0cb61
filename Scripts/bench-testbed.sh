#!/usr/bin/env bash
# Speed of the testbed's plant and how runs scale over the cores, shorts outside, and, with
# ANODYNE_HEALTHY_SEEDS=N, the false alarms of N times 1,800 healthy vehicle-days. Fails where a bound is
# missed.
set -euo pipefail
cd "$(dirname "$0")/.."
export ANODYNE_RELEASE_TESTS=1
swift test -c release --disable-testable-imports --filter TestbedReleaseTests 2>&1 |
  grep -E '^(vehicle-day|external|siblings|rules|workers)|^✘|^✔ Test run|error:'

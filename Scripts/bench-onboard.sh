#!/usr/bin/env bash
# The onboard core measured: time of the longest control cycle and its allocations, state of charge on drive cycles with
# counting beside it, forecast of life on measured cells, balancing optimised offline. Prints the rows of
# Docs/onboard.md and Docs/validation/onboard-estimation.md and fails where one misses its bound. Flash, stack and
# instructions on a Cortex-M7: make firmware.
set -euo pipefail
cd "$(dirname "$0")/.."
export ANODYNE_RELEASE_TESTS=1
export ANODYNE_DATASETS="${ANODYNE_DATASETS:-$PWD/../shared/datasets}"
swift test -c release --disable-testable-imports --filter 'OnboardReplayTests|CycleTimeReleaseTests' 2>&1 |
  grep -E '^(cycle|US06|[0-9]+degC|life|balancing) ?|^✘|^✔ Test run|error:'

#!/usr/bin/env bash
# State of charge of the onboard filters on drive cycles, counting alone beside them, and capacity from partial
# charges: prints the rows of Docs/validation/onboard-estimation.md and fails where one misses its bound.
set -euo pipefail
cd "$(dirname "$0")/.."
export ANODYNE_RELEASE_TESTS=1
export ANODYNE_DATASETS="${ANODYNE_DATASETS:-$PWD/../shared/datasets}"
swift test -c release --disable-testable-imports --filter OnboardReplayTests 2>&1 |
  grep -E '^(US06|B00|[0-9]+degC)|^✘|^✔ Test run|error:'

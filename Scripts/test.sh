#!/usr/bin/env bash
# Everything a change must pass: format, hygiene, debug tests, release tests, edge compile, docs.
set -euo pipefail
cd "$(dirname "$0")/.."
export ANODYNE_DATASETS="${ANODYNE_DATASETS:-$PWD/../shared/datasets}"
[ -d "$ANODYNE_DATASETS" ] || printf '%s\n' \
  "note: no data sets at ANODYNE_DATASETS=$ANODYNE_DATASETS; the tests that need them skip." \
  "      Docs/datasets.md says what to put there."
strict=(--explicit-target-dependency-import-check error)
stage() { printf '\n== %s (%ss so far)\n' "$1" "$SECONDS"; }

stage "format"
swift format lint --strict --parallel --recursive Package.swift Sources Tests
stage "repository"
Scripts/check-repository.sh
stage "edge-clean modules as Embedded Swift"
Scripts/check-edge.sh
stage "onboard core on a Cortex-M7 and in WebAssembly"
Scripts/firmware.sh
stage "release build"
swift build -c release "${strict[@]}"
swift build -c release --build-tests "${strict[@]}"
stage "release tests: numbers on real data, live path"
ANODYNE_RELEASE_TESTS=1 swift test -c release --skip-build --disable-testable-imports \
  --filter ReleaseTests
stage "a killed gateway, short form"
python3 Scripts/torture-gateway.py --program .build/release/anodyne --rounds 6 --days 0.3
stage "fuzzing, short form"
Scripts/fuzz.sh 2
stage "debug build"
swift build --build-tests "${strict[@]}"
stage "documentation"
Scripts/check-docs.sh
stage "debug tests"
swift test --skip-build
stage "done"

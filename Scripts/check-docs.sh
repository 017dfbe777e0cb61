#!/usr/bin/env bash
# Converts every module's DocC catalogue with warnings as errors. Needs a debug build.
#   Scripts/check-docs.sh [OUTPUT]   keeps the archives in OUTPUT when given
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(swift build --show-bin-path)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out="${1:-$work/archives}"
mkdir -p "$out"

# Modules that import C libraries load only when the compiler is told where their maps are.
maps=()
while IFS= read -r map; do
  maps+=(-Xcc "-fmodule-map-file=$map")
done < <({
  find "$PWD/Sources/CLibs" "$PWD/.build/checkouts"/*/Sources \
    -name module.modulemap -not -path '*/Tests/*'
  # C targets without a map of their own: the build has written one.
  find "$build"/*.build -maxdepth 1 -name module.modulemap
} 2>/dev/null | sort)
# Headers that do not lie on the compiler's own path (libpq).
for flag in $(pkg-config --cflags-only-I libpq 2>/dev/null); do maps+=(-Xcc "$flag"); done
target=$(swiftc -print-target-info | sed -n 's/.*"triple": "\([^"]*\)".*/\1/p' | head -n 1)

failed=0
while IFS= read -r catalogue; do
  module=$(basename "$catalogue" .docc)
  mkdir -p "$work/$module"
  if swift symbolgraph-extract -module-name "$module" -I "$build/Modules" -target "$target" \
    "${maps[@]}" -minimum-access-level public -skip-synthesized-members \
    -output-dir "$work/$module" >"$work/$module.log" 2>&1 &&
    docc convert "$catalogue" --additional-symbol-graph-dir "$work/$module" \
      --fallback-display-name "$module" --fallback-bundle-identifier "anodyne.$module" \
      --warnings-as-errors --output-path "$out/$module.doccarchive" >>"$work/$module.log" 2>&1; then
    echo "docs: $module"
  else
    echo "docs: $module failed:"
    cat "$work/$module.log"
    failed=1
  fi
done < <(find Sources -type d -name '*.docc' | sort)
exit "$failed"

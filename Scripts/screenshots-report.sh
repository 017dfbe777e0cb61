#!/usr/bin/env bash
# Makes Docs/images/report-*.png from an electric car whose cell 82 falls away from its module.
set -euo pipefail
cd "$(dirname "$0")/.."
datasets="${ANODYNE_DATASETS:-$PWD/../shared/datasets}"
car="$datasets/ev_fault_vehicles/car2_processed.csv.zip"
cell="$datasets/nasa_pcoe/discharge_csv/B0005.csv"
for file in "$car" "$cell"; do
  [ -f "$file" ] || { echo "screenshots-report: skipped, no $file"; exit 0; }
done
browser="${ANODYNE_CHROMIUM:-$(command -v chromium || command -v google-chrome || true)}"
[ -n "$browser" ] || { echo "screenshots-report: no chromium on PATH; run make setup" >&2; exit 69; }
program="${ANODYNE_PROGRAM:-$(swift build -c release --show-bin-path)/anodyne}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p Docs/images
# Short names: the page shows the names of the files.
cp "$car" "$work/car2.csv.zip"
cp "$cell" "$work/B0005.csv"
(
  cd "$work"
  export SOURCE_DATE_EPOCH=1790000000
  "$program" analyze car2.csv.zip --quiet --report car.html
  "$program" analyze B0005.csv --quiet --report cell.html
)
picture() { # page, picture, height, theme (1 light, 0 dark)
  "$browser" --headless=new --no-sandbox --disable-gpu --hide-scrollbars \
    --user-data-dir="$work/profile" --blink-settings="preferredColorScheme=$4" \
    --window-size="1180,$3" --virtual-time-budget=15000 \
    --screenshot="$PWD/Docs/images/$2" "file://$work/$1" >/dev/null 2>&1
  printf '%s: %s bytes\n' "Docs/images/$2" "$(wc -c <"Docs/images/$2")"
}
# A headless browser pictures the top of a page only: the part wanted is brought there.
part() {
  sed 's#</head>#<style>header.top, nav.contents, \#findings { display: none } \
    section.subject { margin-top: 16px }</style></head>#' "$work/$1" >"$work/part-$1"
}
part car.html
part cell.html
picture car.html report-light.png 1330 1
picture part-car.html report-dark.png 1250 0
picture part-cell.html report-cell.png 1330 1

#!/usr/bin/env bash
# Makes Docs/images/triage-*.png and vehicle-*.png from the live demo.
set -euo pipefail
cd "$(dirname "$0")/.."
browser="${ANODYNE_CHROMIUM:-$(command -v chromium || command -v google-chrome || true)}"
[ -n "$browser" ] || { echo "screenshots-fleet: no chromium on PATH; run make setup" >&2; exit 69; }
program="${ANODYNE_PROGRAM:-$(swift build -c release --show-bin-path)/anodyne}"
work=$(mktemp -d)
"$program" serve --demo --data "$work/data" --http-port 0 --gateway-port 0 --json >"$work/addresses" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p Docs/images
# Waits until the history is sent and analysed.
url=$(python3 - "$work/addresses" <<'PY'
import json, sys, time, urllib.request
while True:
    time.sleep(1)
    line = open(sys.argv[1]).readline()
    if not line:
        continue
    url = json.loads(line)["url"]
    totals = json.load(urllib.request.urlopen(url + "api/vehicles"))["totals"]
    if totals["backlog"] == 0 and totals["vehicles"] == 8 and totals["reports"] > 150000:
        break
time.sleep(5)
print(url)
PY
)
picture() { # path, picture, height, theme (1 light, 0 dark)
  "$browser" --headless=new --no-sandbox --disable-gpu --hide-scrollbars \
    --user-data-dir="$work/profile" --blink-settings="preferredColorScheme=$4" \
    --window-size="1400,$3" --virtual-time-budget=15000 \
    --screenshot="$PWD/Docs/images/$2" "$url$1" >/dev/null 2>&1
  printf '%s: %s bytes\n' "Docs/images/$2" "$(wc -c <"Docs/images/$2")"
}
vehicle=vehicles/DEMO0000000000002
picture "" triage-light.png 1060 1
picture "" triage-dark.png 1060 0
picture "$vehicle" vehicle-light.png 2700 1
picture "$vehicle" vehicle-dark.png 2700 0

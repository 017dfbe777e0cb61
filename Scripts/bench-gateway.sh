#!/usr/bin/env bash
# Speed and memory of the gateway with the generator, a process of its own, on the same machine: frames a second
# durable, socket to disk, ten thousand connections; beside them a minimal Python gateway under the same
# load, with the ratio. Raises the limit of open files as far as it may.
#   Scripts/bench-gateway.sh [PROGRAM]     .build/release/anodyne, which it builds, without a name
set -euo pipefail
cd "$(dirname "$0")/.."
ulimit -n "$(ulimit -Hn)"
work=$(mktemp -d)
log="$work/log"
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
program="${1:-}"
if [ -z "$program" ]; then
  swift build -c release --product anodyne >"$log" 2>&1 || { cat "$log"; exit 1; }
  program=.build/release/anodyne
fi

wait_for() { for _ in $(seq 200); do [ -s "$1" ] && return; sleep 0.05; done; }
number() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$work/out"; }
# ours NAME VEHICLES REPORTS WINDOW
ours() {
  status=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  cat >"$work/gateway.yaml" <<YAML
data_folder: $work/data
listen: {port: 0}
status: {port: $status}
log: {level: critical}
limits: {connections: 20000, accepts_per_second: 1e5, accept_burst: 1e5, frames_per_second: 1e6, frame_burst: 1e6}
YAML
  rm -rf "$work/data" "$work/out"
  "$program" gateway serve --config "$work/gateway.yaml" --json >"$work/out" 2>"$log" &
  server=$!
  wait_for "$work/out"
  python3 Scripts/bench-gateway-load.py gateway "$(number port)" "$@" | tee -a "$work/result"
  # Of the reports alone; the open step is told as infinite.
  python3 - "$status" <<'PY'
import re, sys, urllib.request
text = urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/metrics").read().decode()
steps = [(float(a), int(float(b))) for a, b in re.findall(r'stored_seconds_bucket\{le="([^"]+)"\} (\S+)', text)]
value = lambda name: float(re.search(rf"^anodyne_{name}(?:\{{[^}}]*\}})? (\S+)", text, re.M).group(1))
total = steps[-1][1]
p99 = next(end for end, count in steps if count >= 0.99 * total)
print(f"         socket to disk mean {value('gateway_stored_seconds_sum') / total * 1e3:.0f} ms, "
      f"p99 <= {p99 * 1e3:.0f} ms, sealed {value('store_seals_total'):.0f} times meanwhile")
PY
  kill "$server" && wait "$server" || true
  server=
}
ours 200 6000 32
ours 2000 300 4
ours 2000 600 32

mkdir "$work/peer"
python3 Scripts/bench-gateway-peer.py "$work/peer" >"$work/port" &
server=$!
wait_for "$work/port"
python3 Scripts/bench-gateway-load.py peer "$(cat "$work/port")" 200 200 32 | tee -a "$work/result"
kill "$server" && wait "$server" 2>/dev/null || true
server=
python3 - "$work/result" <<'PY'
import re, sys
rates = [(line.split(":")[0], int(re.search(r"(\d+) frames/s", line).group(1))) for line in open(sys.argv[1])]
ours, theirs = rates[0][1], rates[-1][1]
print(f"ratio: {ours / theirs:.1f} times the frames of a minimal Python gateway that does less with each")
PY

if [ -z "${1:-}" ]; then
  swift build -c release --build-tests >"$log" 2>&1 || { cat "$log"; exit 1; }
  ANODYNE_RELEASE_TESTS=1 swift test -c release --skip-build --disable-testable-imports \
    --filter 'GatewayLoadReleaseTests.*gigabyte' >"$log" 2>&1 || { cat "$log"; exit 1; }
  grep '^gateway: ' "$log"
fi

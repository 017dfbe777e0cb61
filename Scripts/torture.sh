#!/usr/bin/env bash
# Kills a process that writes into the store, again and again, and proves that nothing acknowledged is lost;
# then the gateway, while a fleet sends to it.
#
#   Scripts/torture.sh [ROUNDS]     200 rounds without a number; a quarter as many with the power cut
#
# Three kinds: SIGKILL at random points; SIGKILL with a preloaded library that keeps only what was flushed, as
# a power cut does; and the same with flushes left out, which must be found out, or the script fails.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${1:-200}"
say() { printf 'torture: %s\n' "$*"; }

say "building the writing process (release)"
swift build -c release --product StoreWorkbench >/dev/null
swift build -c release --product anodyne >/dev/null
program=.build/release/StoreWorkbench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

gateway() { python3 Scripts/torture-gateway.py --program .build/release/anodyne "$@"; }
say "the gateway with a fleet: kills, power cuts, full disks, failing flushes, short writes, clocks"
gateway --rounds $((rounds > 20 ? rounds * 3 / 5 : rounds)) --days 2
gateway --rounds 4 --days 0 --lose >"$work/lost" 2>&1 || true
if ! grep -q 'acknowledged and gone' "$work/lost"; then
  say "a log whose end was cut off was not found out: the harness cannot fail, so it proves nothing"
  exit 1
fi
say "a log whose end was cut off is found out, as it must be"

say "$rounds rounds of SIGKILL"
"$program" torture --rounds "$rounds" --seed 1

if [ "$(uname -s)" != Linux ]; then
  say "power cuts are simulated on Linux only"
  exit 0
fi
cc -shared -fPIC -O1 -o "$work/powerloss.so" Tests/CLibs/PowerLoss/powerloss.c -ldl
say "$((rounds / 4)) rounds of power cuts"
"$program" torture --rounds "$((rounds / 4))" --seed 2 --power-loss "$work/powerloss.so"

for weak in "--index NORMAL" "--no-sync"; do
  # shellcheck disable=SC2086
  if "$program" torture --rounds 20 --seed 3 --power-loss "$work/powerloss.so" $weak >"$work/weak"; then
    say "a store with $weak survived power cuts: the harness cannot fail, so it proves nothing"
    exit 1
  fi
  say "a store with $weak loses, as it must: $(sed -n 2p "$work/weak")"
done
say "done"

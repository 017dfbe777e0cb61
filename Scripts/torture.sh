#!/usr/bin/env bash
# Kills a process that writes into the store, again and again, and proves that nothing acknowledged is lost;
# then the gateway, while a fleet sends to it.
#
#   Scripts/torture.sh [ROUNDS]     200 rounds without a number; a quarter as many of each other kind
#
# Kinds: SIGKILL at random points; power cuts (a preloaded library keeps what was flushed, and of the rest each sector
# or not, at random); a disk that is full for a while; a flush that fails, then a power cut; writes that take only a
# part; a time of day that jumps. Then the power cuts again with a store that does not flush, which must be found to
# lose what it acknowledged, or the script fails: a harness that cannot fail proves nothing.
# Then the restart with a long log; at last the gateway (Scripts/torture-gateway.py). STORE_WORKBENCH and ANODYNE name
# programs that are built already; the first without the second leaves the gateway out.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${1:-200}"
few=$((rounds / 4 > 0 ? rounds / 4 : 1))
say() { printf 'torture: %s\n' "$*"; }

program="${STORE_WORKBENCH:-}"
anodyne="${ANODYNE:-}"
if [ -z "$program" ]; then
  say "building the writing process (release)"
  swift build -c release --product StoreWorkbench >/dev/null
  program=.build/release/StoreWorkbench
  if [ -z "$anodyne" ]; then
    swift build -c release --product anodyne >/dev/null
    anodyne=.build/release/anodyne
  fi
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "$rounds rounds of SIGKILL"
"$program" torture --rounds "$rounds" --seed 1

# The scale-out engine, where a PostgreSQL server is installed.
if [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null || command -v initdb)" ]; then
  Scripts/torture-postgres.sh "$(((rounds + 3) / 4))" "$program"
else
  say "no PostgreSQL server here: the scale-out engine is not tortured"
fi

if [ "$(uname -s)" != Linux ]; then
  say "power cuts and failing disks are simulated on Linux only"
  exit 0
fi
cc -shared -fPIC -O1 -o "$work/powerloss.so" Tests/CLibs/PowerLoss/powerloss.c -ldl
cc -shared -fPIC -O1 -o "$work/faulty.so" Tests/CLibs/FaultyDisk/faultydisk.c -ldl
power=(--power-loss "$work/powerloss.so" --torn)
say "$few rounds of power cuts with torn pages"
"$program" torture --rounds "$few" --seed 2 "${power[@]}"
say "$few rounds of a full disk"
"$program" torture --rounds "$few" --seed 4 --faulty-disk "$work/faulty.so" --fault full
say "$few rounds of a failing flush and a power cut"
"$program" torture --rounds "$few" --seed 5 --faulty-disk "$work/faulty.so" --fault flush "${power[@]}"
say "$few rounds of short writes"
"$program" torture --rounds "$few" --seed 6 --faulty-disk "$work/faulty.so" --fault short
say "$few rounds of clock steps"
"$program" torture --rounds "$few" --seed 7 --faulty-disk "$work/faulty.so" --fault clock

for weak in "--index NORMAL" "--no-sync"; do
  status=0
  # shellcheck disable=SC2086
  "$program" torture --rounds 40 --seed 3 "${power[@]}" $weak >"$work/weak" 2>"$work/errors" || status=$?
  case $status in
    0) say "a store with $weak survived power cuts: the harness cannot fail, so it proves nothing"; exit 1 ;;
    3) ;;
    *) say "a store with $weak ended with $status, which is no judgement:"; cat "$work/weak" "$work/errors"; exit 1 ;;
  esac
  # Only a loss that follows from what was not flushed counts.
  if ! grep -qE 'acknowledged and is gone|saved at frame [0-9]+ is gone|is older than the blocks|is nowhere|which the index does not have|is not there' "$work/weak"; then
    say "a store with $weak failed otherwise than by losing what it did not flush:"
    cat "$work/weak"
    exit 1
  fi
  say "a store with $weak loses, as it must: $(sed -n 2p "$work/weak" | tr -s ' ')"
done

say "restart with a long log"
"$program" restart
if [ -n "$anodyne" ]; then
  gateway() { python3 Scripts/torture-gateway.py --program "$anodyne" "$@"; }
  say "the gateway with a fleet: kills, power cuts, full disks, failing flushes, short writes, clocks"
  gateway --rounds $((rounds > 20 ? rounds * 3 / 5 : rounds)) --days 2
  gateway --rounds 4 --days 0 --lose >"$work/lost" 2>&1 || true
  if ! grep -q 'acknowledged and gone' "$work/lost"; then
    say "a log whose end was cut off was not found out: the harness cannot fail, so it proves nothing"
    exit 1
  fi
  say "a log whose end was cut off is found out, as it must be"
fi
say "done"

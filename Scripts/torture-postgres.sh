#!/usr/bin/env bash
# Kills writers, servers and primaries of the store on PostgreSQL, and proves that nothing acknowledged is lost.
#
#   Scripts/torture-postgres.sh [ROUNDS [PROGRAM]]     50 rounds of each kind without a number
#
# Two kinds: SIGKILL of the writing process, of the server's first process or of all its processes; and SIGKILL of
# a primary, whose stream to the synchronous standby was cut before, and promotion of the standby. The same with
# synchronous_commit=local must be found out, or the script fails. Servers are started and removed by the program.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${1:-50}"
program="${2:-.build/release/StoreWorkbench}"
say() { printf 'torture: %s\n' "$*"; }
[ -x "$program" ] || swift build -c release --product StoreWorkbench >/dev/null
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "$rounds rounds of killed writers and servers"
"$program" pgtorture --rounds "$rounds" --seed 1
say "$rounds rounds of killed primaries and promoted standbys"
"$program" pgtorture --rounds "$rounds" --seed 2 --failover
status=0
"$program" pgtorture --rounds 20 --seed 3 --failover --commit local >"$work/weak" || status=$?
[ "$status" -ne 0 ] || {
  say "a primary that does not wait for its standby lost nothing: the harness cannot fail, so it proves nothing"
  exit 1
}
[ "$status" -eq 3 ] || { cat "$work/weak"; say "the harness itself failed"; exit 1; }
say "with synchronous_commit=local frames are lost, as they must be: $(sed -n 2p "$work/weak")"

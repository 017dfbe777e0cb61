#!/usr/bin/env bash
# CPU time of oven tests of six hours and of calorimeter runs, with the error against a tolerance a
# thousand times smaller (limit for the peaks of ovens: 3 K), and the critical oven temperatures.
#
# Times are the smallest of eleven on one core, with all it takes to set a test up. There is no peer to
# run beside: the sets are published, programs that compute them are not.
set -euo pipefail
cd "$(dirname "$0")/.."
program="${ANODYNE:-}"
if [ -z "$program" ]; then
  swift build -c release --product anodyne >/dev/null
  program="$(swift build -c release --show-bin-path)/anodyne"
fi
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
for test in "lco-18650 155" "ncm-18650 180" "lfp-18650 210"; do
  read -r cell celsius <<<"$test"
  "$program" abuse oven --cell "$cell" --oven-celsius "$celsius" --measure 11 >>"$folder/oven"
  "$program" abuse oven --cell "$cell" --find-critical --json - >>"$folder/critical"
done
for cell in lco-18650 ncm-18650 lfp-18650 ncm-25ah; do
  "$program" abuse arc --cell "$cell" --measure 11 >>"$folder/arc"
done
python3 - "$folder" <<'PYTHON'
import json, os, sys
folder = sys.argv[1]
def rows(name):
    with open(os.path.join(folder, name)) as file:
        return [json.loads(line) for line in file]
for row in rows("oven") + rows("arc"):
    limit = 1.0 if row["test"] == "oven" else None
    verdict = "" if limit is None else (
        "  limits 1 ms and 3 K: "
        + ("PASS" if row["cpu_ms_smallest"] < limit and abs(row["peak_error_kelvin"]) <= 3 else "MISS"))
    print(f"{row['test']:4s} {row['cell']:10s} {row['cpu_ms_smallest']:6.3f} ms CPU (median {row['cpu_ms_median']:.3f}), "
          f"{row['steps']} steps, peak off by {row['peak_error_kelvin']:+.2f} K, "
          f"1 K/s off by {row.get('runaway_error_seconds', 0):+.2f} s{verdict}")
bounds = {"lco-18650": (148, 2), "ncm-18650": (168, 3), "lfp-18650": (198, 5)}
for row in rows("critical"):
    middle, width = bounds[row["cell"]]
    found = row["critical_oven_celsius"]
    print(f"critical oven {row['cell']:10s} {found:.2f} °C  limit {middle} ± {width}: "
          + ("PASS" if abs(found - middle) <= width else "MISS"))
PYTHON

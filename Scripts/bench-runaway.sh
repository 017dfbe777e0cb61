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
  "$program" abuse arc --cell "$cell" --json "$folder/arc-$cell.json" --quiet
done
for celsius in 155 145; do
  "$program" abuse oven --cell lco-18650 --oven-celsius "$celsius" --json "$folder/lco-$celsius.json" --quiet
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
def load(name):
    with open(os.path.join(folder, name + ".json")) as file:
        return json.load(file)
for celsius, expected in (("155", True), ("145", False)):
    found = load("lco-" + celsius)
    away = found["outcome"] in ("thermal_runaway", "rupture")
    print(f"LCO in an oven of {celsius} °C: {'runaway' if away else 'none'}, peak "
          f"{found['peak_temperature_kelvin'] - 273.15:.0f} °C: {'PASS' if away == expected else 'MISS'}")
fast, residual = {}, 0.0
for cell in ("lco-18650", "ncm-18650", "lfp-18650", "ncm-25ah"):
    found = load("arc-" + cell)
    at = {}
    for event in found["events"]:
        # The first of each kind: a calorimeter may meet several exotherms.
        at.setdefault(event["event"], event["temperature_kelvin"] - 273.15)
    onset, fast[cell] = at["exotherm"], at["runaway"]
    residual = max(residual, abs(found["energy_residual"]))
    print(f"calorimeter {cell:10s} onset {onset:.1f} °C (80 to 100: {'PASS' if 80 <= onset <= 100 else 'MISS'}), "
          f"1 K/s at {fast[cell]:.0f}, peak {found['peak_temperature_kelvin'] - 273.15:.0f} °C")
ordered = fast["lfp-18650"] > fast["ncm-18650"] > fast["lco-18650"]
print(f"1 K/s: LFP above NCM above LCO: {'PASS' if ordered else 'MISS'}")
print(f"largest energy residual of these {residual:.0e}, limit 1e-6: {'PASS' if residual < 1e-6 else 'MISS'}")
PYTHON

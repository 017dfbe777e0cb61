#!/usr/bin/env bash
# CPU time of propagation runs of bare packs by size, and of a study of 1,000 runs of 96 cells.
#
# Each run is an hour of simulated time with propagation; times are the smallest of five on one
# core. The balance of heat stands beside them. There is no peer to run beside: no open project
# computes propagation through a pack by kinetics.
set -euo pipefail
cd "$(dirname "$0")/.."
program="${ANODYNE:-}"
if [ -z "$program" ]; then
  swift build -c release --product anodyne >/dev/null
  program="$(swift build -c release --show-bin-path)/anodyne"
fi
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
for count in 25 50 100 200 400 1000; do
  cat >"$folder/$count.yaml" <<YAML
cell: ncm-25ah
series: $count
arrangement: {type: stack, columns: 20, gap_mm: 0, row_gap_mm: 2}
trigger: {type: heater, cell: 1, power_w: 600}
duration_s: 3600
YAML
  "$program" pack run "$folder/$count.yaml" --measure 5 >"$folder/$count.json"
done
start=$(date +%s.%N)
"$program" pack study Examples/packs/pack-96.yaml --json "$folder/study.json" --quiet
end=$(date +%s.%N)
python3 - "$folder" "$start" "$end" <<'PYTHON'
import json, math, os, sys
folder, start, end = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
limits = {100: 150.0, 1000: 2000.0}
rows = []
for count in (25, 50, 100, 200, 400, 1000):
    with open(os.path.join(folder, f"{count}.json")) as file:
        row = json.load(file)
    rows.append((count, row["cpu_ms_smallest"]))
    limit = limits.get(count)
    verdict = "" if limit is None else f"  limit {limit:.0f} ms: {'met' if rows[-1][1] < limit else 'MISSED'}"
    print(f"{count:5d} cells, {row['cells_in_runaway']:4d} burn: {rows[-1][1]:8.1f} ms CPU, {row['steps']} steps{verdict}")
growth = math.log(rows[-1][1] / rows[2][1]) / math.log(rows[-1][0] / rows[2][0])
print(f"cost grows as n^{growth:.2f} from 100 to 1000 cells (limit n^1.2)")
with open(os.path.join(folder, "study.json")) as file:
    study = json.load(file)
runs = sum(v["runs"] for v in study["variants"])
print(f"study of {runs} runs of 96 cells: {end - start:.1f} s on all cores (limit 60 s)")
for v in study["variants"]:
    print(f"  {v['variant']}: second cell in {100 * v['propagation']:.0f} % of runs, {v['mean_cells']:.1f} cells on average")
PYTHON

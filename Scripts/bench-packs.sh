#!/usr/bin/env bash
# CPU time of propagation runs in which every cell burns, by size, with what the standard steps lose;
# and of a study of 1,000 runs of 96 cells. A row of each limit ends in PASS or MISS.
#
# Cells have no resistance of their shells here, so that rows ignite each other and every cell burns.
# Each run is an hour of simulated time; times are the smallest of five on one core. There is no peer
# to run beside: no open project computes propagation through a pack by kinetics.
set -euo pipefail
cd "$(dirname "$0")/.."
program="${ANODYNE:-}"
if [ -z "$program" ]; then
  swift build -c release --product anodyne >/dev/null
  program="$(swift build -c release --show-bin-path)/anodyne"
fi
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
for pair in 25:5 100:10 400:20 1000:25; do
  count="${pair%:*}"
  cat >"$folder/$count.yaml" <<YAML
cell: ncm-25ah
series: $count
arrangement: {type: stack, columns: ${pair#*:}, gap_mm: 0, row_gap_mm: 0}
shell: {sound_m2k_per_w: 0, burnt_m2k_per_w: 0}
trigger: {type: heater, cell: $((count / 2 + 1)), power_w: 600}
duration_s: 3600
YAML
  "$program" pack run "$folder/$count.yaml" --measure 5 >"$folder/$count.json"
done
for count in 25 100; do
  "$program" pack run "$folder/$count.yaml" --precise --measure 1 >"$folder/$count-precise.json"
done
start=$(date +%s.%N)
"$program" pack study Examples/packs/pack-96.yaml --json "$folder/study.json" --quiet
end=$(date +%s.%N)
python3 - "$folder" "$start" "$end" <<'PYTHON'
import json, math, os, sys
folder, start, end = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
failed = 0
def verdict(ok):
    global failed
    failed += not ok
    return "PASS" if ok else "MISS"
def load(name):
    with open(os.path.join(folder, name + ".json")) as file:
        return json.load(file)
limits = {100: 150.0, 1000: 2000.0}
times = {}
for count in (25, 100, 400, 1000):
    row = load(str(count))
    times[count] = row["cpu_ms_smallest"]
    text = f"{count:5d} cells, {row['cells_in_runaway']:4d} burn: {times[count]:8.1f} ms CPU, {row['steps']} steps"
    if count in limits:
        ok = times[count] <= limits[count] and row["cells_in_runaway"] == count
        text += f"; limit {limits[count]:.0f} ms with all burning: {verdict(ok)}"
    print(text)
for count in (25, 100):
    row, fine = load(str(count)), load(f"{count}-precise")
    print(f"{count:5d} cells against ten times finer steps: mean peak {row['mean_peak_kelvin']:.1f} against "
          f"{fine['mean_peak_kelvin']:.1f} K, time to the next cell {row['mean_time_to_next_cell_s']:.3f} against "
          f"{fine['mean_time_to_next_cell_s']:.3f} s")
growth = math.log(times[1000] / times[100]) / math.log(10)
print(f"cost grows as n^{growth:.2f} from 100 to 1000 cells; limit n^1.2: {verdict(growth <= 1.2)}")
study = load("study")
runs = sum(v["runs"] for v in study["variants"])
print(f"study of {runs} runs of 96 cells: {end - start:.1f} s on {os.cpu_count()} cores; limit 60 s: {verdict(end - start <= 60 and runs >= 1000)}")
for v in study["variants"]:
    print(f"  {v['variant']}: second cell in {100 * v['propagation']:.0f} % of runs, {v['mean_cells']:.1f} cells on average")
sys.exit(1 if failed else 0)
PYTHON

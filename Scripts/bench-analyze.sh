#!/usr/bin/env bash
# Analyses the larger vehicle file from disk to report: seconds, peak memory, and the answer itself.
# Fails above 3 s or 300 MB, or if cell 81 and then cell 2 do not lead with severity watch.
set -euo pipefail
cd "$(dirname "$0")/.."
datasets="${ANODYNE_DATASETS:-$PWD/../shared/datasets}"
archive="$datasets/ev_fault_vehicles/car3_processed.csv.zip"
[ -f "$archive" ] || { echo "bench-analyze: skipped, no $archive; Docs/datasets.md says where it is from"; exit 0; }
swift build -c release --product anodyne >/dev/null
program="$(swift build -c release --show-bin-path)/anodyne"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - "$archive" "$work/car3.csv" <<'PY'
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    name = next(n for n in archive.namelist() if n.endswith(".csv") and "MACOSX" not in n)
    with archive.open(name) as source, open(sys.argv[2], "wb") as target:
        shutil.copyfileobj(source, target)
PY
python3 - "$program" "$work/car3.csv" "$work" <<'PY'
import json, os, resource, subprocess, sys, time
program, file, work = sys.argv[1:]
runs = []
for _ in range(5):
    start = time.monotonic()
    subprocess.run([program, "analyze", file, "--quiet", "--json", f"{work}/report.json",
                    "--report", f"{work}/report.html"], check=True)
    runs.append(time.monotonic() - start)
usage = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
peak = usage / (1024 * 1024 if sys.platform == "darwin" else 1024)
report = json.load(open(f"{work}/report.json"))
rows, cells = report["inputs"][0]["row_count"], report["vehicles"][0]["assessment"]["cell_count"]
order = [(f["finding"]["subject"].get("number"), f["finding"]["severity"])
         for f in report["findings"][:2]]
print(f"analyze: {rows} rows x {cells} cells, {os.path.getsize(file) / 1e6:.1f} MB of text")
print(f"  time        best {min(runs):.2f} s, median {sorted(runs)[2]:.2f} s of {len(runs)} (limit 3 s)")
print(f"  peak memory {peak:.0f} MB (limit 300 MB)")
print(f"  page        {os.path.getsize(work + '/report.html') / 1e6:.1f} MB with the chart library")
print(f"  answer      {', '.join(f'cell {n} {s}' for n, s in order)}")
if min(runs) > 3 or peak > 300 or order != [(81, "watch"), (2, "watch")]:
    sys.exit("analyze: a limit is broken or the answer is wrong")
PY

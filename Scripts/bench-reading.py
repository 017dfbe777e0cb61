"""Compares the reader with pandas.read_csv on one file: answers first, then times.

Usage: bench-reading.py FILE.csv READER
Each side reads the file in a process of its own, alternating, five rounds. A round takes
the time of one first read in a fresh process, and of the best of five reads in it. The reader
also checks ranges, sentinels, order, repetitions and syntax; pandas only parses.
"""

import json
import math
import statistics
import subprocess
import sys
import time

ROUNDS = 5


def pandas_seconds(path):
    code = (
        "import pandas as pd, time, json\n"
        "s = []\n"
        "for _ in range(5):\n"
        "    t = time.perf_counter(); pd.read_csv(%r); s.append(time.perf_counter() - t)\n"
        "print(json.dumps(s))\n" % path
    )
    return json.loads(subprocess.check_output([sys.executable, "-c", code]))


def check(path, columns):
    import pandas as pd

    frame = pd.read_csv(path)
    worst = 0.0
    for column in columns:
        series = frame[column["name"]]
        if series.dtype == object or str(series.dtype).startswith("str"):
            # Dates are read as China Standard Time; compare seconds since the epoch.
            stamps = pd.to_datetime(series).astype("datetime64[s]").astype("int64") - 8 * 3600
            series = stamps.astype(float)
        missing = int(series.isna().sum())
        if missing != column["missing"]:
            sys.exit(f"{column['name']}: {column['missing']} missing, pandas has {missing}")
        total = math.fsum(series.dropna())
        scale = max(column["magnitude"], 1e-300)
        worst = max(worst, abs(total - column["sum"]) / scale)
    if worst > 1e-12:
        sys.exit(f"sums differ by {worst:.2e} of the sum of magnitudes")
    return worst


def main():
    path, reader = sys.argv[1:3]
    ours_first, ours_best, theirs_first, theirs_best = [], [], [], []
    for _ in range(ROUNDS):
        ours = json.loads(subprocess.check_output([reader, path, "5"]))
        ours_first.append(ours["seconds"][0])
        ours_best.append(min(ours["seconds"]))
        theirs = pandas_seconds(path)
        theirs_first.append(theirs[0])
        theirs_best.append(min(theirs))
    worst = check(path, ours["columns"])
    print(f"same missing counts in {len(ours['columns'])} columns, sums within {worst:.1e}")
    for name, mine, other in (
        ("first read in a fresh process", ours_first, theirs_first),
        ("best of five reads", ours_best, theirs_best),
    ):
        a, b = statistics.median(mine), statistics.median(other)
        print(
            f"{name}: {a * 1e3:.1f} ms with full checking, pandas.read_csv {b * 1e3:.1f} ms, "
            f"ratio {b / a:.2f}"
        )
    ratio = statistics.median(theirs_first) / statistics.median(ours_first)
    if ratio < 2:
        sys.exit(f"ratio {ratio:.2f} is below the promised 2")


main()

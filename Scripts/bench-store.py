"""What a month of one signal costs elsewhere: SQLite rows, and Parquet through pandas where there is one.

    bench-store.py DAYS SECONDS OURS_MS     ours: the best time that the store printed, for the ratio

The peer gets less to do than the store: a table with nothing but time, current, charge and one cell, already decoded,
of one vehicle, against whole frames of which one column is unpacked.
"""

import os
import random
import sqlite3
import sys
import tempfile
import time

days, step, ours = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
count = days * 86_400 // step
random.seed(1)
noise = [random.gauss(0, 1) for _ in range(65_536)]


def rows():
    for row in range(count):
        value = noise[row & 65_535]
        yield (1_700_000_000 + row * step, round(10 + value, 1), 50, round(3.7 + 0.0007 * value, 3))


def best(name, question):
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        buckets = question()
        times.append((time.perf_counter() - begin) * 1_000)
    assert buckets == days * 24, buckets
    print(f"peer: {days} days of current every {step} s with hourly buckets, {name}: "
          f"first {times[0]:.0f} ms, best of five {min(times):.0f} ms, "
          f"{min(times) / ours:.1f} times what the store takes")


with tempfile.TemporaryDirectory() as folder:
    base = sqlite3.connect(os.path.join(folder, "rows.sqlite"))
    base.execute("CREATE TABLE report(time INTEGER PRIMARY KEY, current REAL, charge INTEGER, cell REAL)")
    base.executemany("INSERT INTO report VALUES (?, ?, ?, ?)", rows())
    base.commit()
    size = os.path.getsize(os.path.join(folder, "rows.sqlite"))
    print(f"peer: SQLite keeps these four numbers in {size / count:.1f} bytes a row")
    best("SQLite", lambda: len(base.execute(
        "SELECT time / 3600, avg(current), min(current), max(current) FROM report GROUP BY time / 3600"
    ).fetchall()) - (1 if 1_700_000_000 % 3600 else 0))
    try:
        import pandas
        import pyarrow  # noqa: F401
    except ImportError:
        print("peer: no pandas with pyarrow here; install them to compare with Parquet")
        sys.exit(0)
    path = os.path.join(folder, "rows.parquet")
    frame = pandas.DataFrame(list(rows()), columns=["time", "current", "charge", "cell"])
    frame.to_parquet(path, compression="zstd")
    print(f"peer: Parquet keeps these four numbers in {os.path.getsize(path) / count:.1f} bytes a row")

    def parquet():
        table = pandas.read_parquet(path, columns=["time", "current"])
        groups = table.groupby((table.time - 1_700_000_000) // 3600).current
        return len(groups.agg(["mean", "min", "max"]))

    best("pandas on Parquet", parquet)

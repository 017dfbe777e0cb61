#!/usr/bin/env python3
"""Compares simulated indentation tests with those of ORNL and SNL, as distributions.

Usage: Scripts/validate-indentation.py PROGRAM DATASETS [DRAWS] [stays]
PROGRAM is the anodyne executable (release), DATASETS the folder of the measured sets.
Needs numpy, pandas and openpyxl. Prints Markdown for Docs/validation/thermal-runaway.md.

Nothing is fitted: the resistance of the contact is drawn from 10 mOhm to 1 Ohm and its growth from
0.1 s to 30 s, both uniform in the logarithm, because a hole in a separator under an indenter is a hard
short (below 0.1 Ohm) in some tests and a soft one in others. The metal that carries the contact is drawn from
0.005 mm2 (one foil of 15 um, torn over 0.3 mm) to 2 mm2 (forty foils, each over 3 mm), also uniform in
the logarithm, and melts through like a fuse; with "stays" it never does. Every test is simulated DRAWS times.
"""
import concurrent.futures
import io
import math
import os
import re
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
program, datasets = sys.argv[1:3]
draws = int(sys.argv[3]) if len(sys.argv) > 3 else 30
stays = len(sys.argv) > 4 and sys.argv[4] == "stays"
folder = os.path.join(datasets, "isc_indentation_ornl_snl")
# The infrared camera of the OE and Soteria tests ends at 150 °C.
CAMERA = 150.0


def numbers(column):
    return pd.to_numeric(column, errors="coerce")


def measured(name):
    """Voltage after the first contact relative to before, warmest point, duration after contact."""
    book = pd.ExcelFile(os.path.join(folder, name))
    table = next(t for t in (pd.read_excel(book, sheet_name=s, header=None) for s in book.sheet_names)
                 if len(t) > 100).iloc[1:]
    time, voltage = numbers(table[0]), numbers(table[3 if name.startswith("SNL") else 2])
    if name.startswith("SNL"):
        warmest = table.iloc[:, 5:11].apply(numbers).max(axis=1)
    elif table.shape[1] >= 21:
        warmest = numbers(table[20])
    elif table.shape[1] >= 6:
        warmest = numbers(table[5])
    else:
        warmest = pd.Series(dtype=float)
    keep = time.notna() & voltage.notna()
    time, voltage = time[keep].to_numpy(), voltage[keep].to_numpy()
    before = np.median(voltage[:50])
    below = np.flatnonzero(voltage < before - 0.05)
    if not len(below):
        return None
    touch = time[below[0]]
    result = {"lasts": time[-1] - touch}
    for delay in (1, 10, 60):
        inside = time >= touch + delay
        result[delay] = voltage[inside][0] / before if inside.any() else np.nan
    warmest = warmest.dropna()
    result["rise"] = warmest.max() - warmest.iloc[:20].median() if len(warmest) else np.nan
    result["lost"] = float(voltage.min() < 0.2 * before)
    return result


def describe(name, labels):
    """Chemistry, capacity in Ah and state of charge from name and label."""
    row = labels.loc[name]
    charge = row["soc_percent"]
    if not np.isfinite(charge):
        charge = float(re.search(r"(\d+)_?SOC", name).group(1))
    capacity = row["capacity_mAh"] / 1e3
    if not np.isfinite(capacity):
        found = re.search(r"(\d+)mAh", name)
        capacity = float(found.group(1)) / 1e3 if found else float(re.search(r"(\d+)Ah", name).group(1))
    if "LFP" in name:
        chemistry = "LFP"
    elif "NMC" in name:
        chemistry = "NMC"
    else:
        chemistry = "LCO and unnamed"
    return chemistry, capacity, charge / 100


def cell_file(chemistry, capacity):
    """A pouch cell of usual mass per capacity; 40 mOhm Ah inside."""
    like = {"LFP": "lfp-18650", "NMC": "ncm-18650"}.get(chemistry, "lco-18650")
    mass = capacity * (28 if chemistry == "LFP" else 21)
    area = mass / 2.2 / 0.7
    height, width = (area / 0.6) ** 0.5 * 10, (area * 0.6) ** 0.5 * 10
    return (f"like: {like}\nname: pouch\ncapacity_ah: {capacity}\nmass_g: {mass:.2f}\n"
            f"width_mm: {width:.2f}\nthickness_mm: 7\nheight_mm: {height:.2f}\n"
            f"resistance_ohm: {0.04 / capacity:.6f}\nseparator: trilayer\n"
            f"vent_pressure_kpa: 150\nvent_feedback: true\n")


def simulated(job):
    cell, charge, lasts, resistance, growth, neck = job
    with tempfile.TemporaryDirectory() as place:
        out = os.path.join(place, "run.csv")
        subprocess.run(
            [program, "abuse", "indentation", "--cell", cell, "--soc", f"{charge:.4f}", "--resistance",
             f"{resistance:.6f}", "--growth", f"{growth:.4f}", "--duration", f"{max(lasts, 61) + 1:.1f}",
             "--output", out, "--quiet"] + ([] if stays else ["--neck", f"{neck:.6f}"]), check=True)
        with open(out) as file:
            rows = pd.read_csv(io.StringIO(file.read()))
    time, voltage = rows["time_s"].to_numpy(), rows["voltage_V"].to_numpy()
    hot = np.maximum(rows["hot_zone_K"], rows["temperature_K"]).to_numpy()
    before = voltage[0]
    below = np.flatnonzero((voltage < before - 0.05) & (time > 0))
    if not len(below) or before <= 0.1:
        return None
    touch = time[below[0]]
    result = {delay: np.interp(touch + delay, time, voltage) / before for delay in (1, 10, 60)}
    inside = time <= touch + lasts
    result["rise"] = hot[inside].max() - hot[0]
    result["surface"] = rows["temperature_K"][inside].max() - hot[0]
    result["lost"] = float(voltage[inside].min() < 0.2 * before)
    return result


def distance(a, b):
    """Kolmogorov-Smirnov distance of two samples."""
    a, b = np.sort(a), np.sort(b)
    points = np.concatenate([a, b])
    return np.abs(np.searchsorted(a, points, "right") / len(a)
                  - np.searchsorted(b, points, "right") / len(b)).max()


def spread(values):
    low, middle, high = np.nanquantile(values, [0.1, 0.5, 0.9])
    return f"{low:.2f}, {middle:.2f}, {high:.2f}" if abs(high) < 10 else f"{low:.0f}, {middle:.0f}, {high:.0f}"


random = np.random.default_rng(4)
labels = pd.read_csv(os.path.join(folder, "labels.csv")).set_index("file")
tests, jobs = [], []
scratch = tempfile.mkdtemp()
for name in sorted(labels.index):
    if "SCC" in name:
        continue  # Metallised polymer collectors, which the model does not have.
    found = measured(name)
    if found is None:
        print(f"no short in {name}", file=sys.stderr)
        continue
    chemistry, capacity, charge = describe(name, labels)
    path = os.path.join(scratch, f"{len(tests)}.yaml")
    with open(path, "w") as file:
        file.write(cell_file(chemistry, capacity))
    tests.append((name, chemistry, charge, found))
    for _ in range(draws):
        jobs.append((path, max(charge, 0.02), found["lasts"], 10 ** random.uniform(-2, 0),
                     10 ** random.uniform(-1, 1.5), 10 ** random.uniform(math.log10(0.005), math.log10(2))))
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    results = list(pool.map(simulated, jobs))

names = {1: "voltage after 1 s, part of that before", 10: "after 10 s", 60: "after 60 s",
         "rise": "warmest point, rise in K", "lost": "share that lost the voltage"}
print("| chemistry, tests | quantity | measured 10 %, median, 90 % | simulated | KS distance | "
      "inside the simulated 10–90 % |")
print("| --- | --- | --- | --- | --- | --- |")
for chemistry in ("NMC", "LFP", "LCO and unnamed"):
    chosen = [i for i, test in enumerate(tests) if test[1] == chemistry]
    for key, words in names.items():
        real, model, inside = [], [], []
        for i in chosen:
            value = tests[i][3][key]
            own = [r[key] for r in results[i * draws:(i + 1) * draws] if r is not None]
            if not np.isfinite(value) or not own:
                continue
            own = np.array(own)
            if key == "rise":
                own, value = np.minimum(own, CAMERA - 22), min(value, CAMERA - 22)
            real.append(value)
            model.extend(own)
            low, high = np.quantile(own, [0.1, 0.9])
            inside.append(low <= value <= high)
        if key == "lost":
            print(f"| {chemistry}, {len(real)} | {words} | {np.mean(real):.2f} | {np.mean(model):.2f} | – | – |")
        else:
            print(f"| {chemistry}, {len(real)} | {words} | {spread(real)} | {spread(model)} | "
                  f"{distance(np.array(real), np.array(model)):.2f} | {100 * np.mean(inside):.0f} % |")
for low, high in ((0, 0.45), (0.45, 1.01)):
    for chemistry in ("NMC", "LFP", "LCO and unnamed"):
        chosen = [i for i, t in enumerate(tests) if t[1] == chemistry and low <= t[2] < high]
        real = [tests[i][3]["lost"] for i in chosen]
        model = [r["lost"] for i in chosen for r in results[i * draws:(i + 1) * draws] if r is not None]
        if real:
            print(f"{chemistry}, charge {low:.2f} to {min(high, 1):.2f}: voltage lost in {np.mean(real):.2f} of "
                  f"{len(real)} tests, {np.mean(model):.2f} simulated", file=sys.stderr)

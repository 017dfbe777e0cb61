"""Analyses altered copies of the two measured vehicles and prints what was found.

Usage: validate-robustness.py ANODYNE FOLDER [--only PREFIX] [--keep FOLDER]

FOLDER holds car2_processed.csv and car3_processed.csv (data set ev_fault_vehicles). Each variant
is written to a temporary folder, analysed by the program ANODYNE (a release build), and judged:
which cells are rated act or watch, what else is, and for injected faults whether the right
subject was named, how severely, and how far the onset is off. Needs numpy and pandas.
"""

import argparse
import collections
import datetime
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd

Variant = collections.namedtuple("Variant", "name make fault")
# subject: ("cell", 30) and so on; kinds: acceptable kinds; onset: seconds since epoch or None;
# expected: severities that count as right.
Fault = collections.namedtuple("Fault", "subject kinds onset expected")
Any = ("act", "watch", "note")


def load(path):
    frame = pd.read_csv(path)
    frame["tboxTime"] = pd.to_datetime(frame["tboxTime"])
    return frame


def cells(frame):
    return [c for c in frame.columns if c.startswith("V_")]


def probes(frame):
    return [c for c in frame.columns if c.startswith("T_")]


def days(frame):
    t = frame["tboxTime"]
    return ((t - t.iloc[0]).dt.total_seconds() / 86400).to_numpy()


def between(first, last):
    def make(f):
        d = days(f)
        return f[(d >= first) & (d < last)]
    return make


def thinned(step, start=0):
    return lambda f: f.iloc[start::step]


def chain(*steps):
    def make(f):
        for s in steps:
            f = s(f)
        return f
    return make


def heal(*numbers, seed=1):
    """Puts the cells at the median of the eight neighbours on either side, with 1 mV of noise and
    an offset of their own of up to 3 mV."""
    def make(f):
        f = f.copy()
        names = cells(f)
        rng = np.random.default_rng(seed)
        for n in numbers:
            near = [names[i] for i in range(max(0, n - 9), min(len(names), n + 8)) if i != n - 1]
            middle = f[near].median(axis=1).to_numpy()
            f[names[n - 1]] = np.round(
                middle + rng.uniform(-0.003, 0.003) + rng.normal(0, 0.001, len(f)), 3)
        return f
    return make


def second_by_second(first, last, seed=2):
    """One row a second by linear interpolation across steps of at most a minute, 1 mV rounding."""
    def make(f):
        f = between(first, last)(f).drop_duplicates("tboxTime").sort_values("tboxTime")
        t = ((f["tboxTime"] - pd.Timestamp(0)).dt.total_seconds()).to_numpy()
        keep = np.diff(t) <= 60
        whole = np.concatenate(
            [np.arange(t[i], t[i + 1]) for i in np.flatnonzero(keep)] + [t[-1:]])
        out = {"tboxTime": pd.to_datetime(whole, unit="s")}
        place = np.searchsorted(t, whole, side="right") - 1
        for c in f.columns[1:]:
            y = f[c].to_numpy(dtype=float)
            if c.startswith("V_"):
                # A lost reading is no voltage to interpolate to.
                y = pd.Series(np.where((y > 2.5) & (y < 4.5), y, np.nan)).ffill().bfill().to_numpy()
            if c.startswith("V_") or c.startswith("BMSCell"):
                out[c] = np.round(np.interp(whole, t, y), 3)
            elif c in ("BMSBatteryCurrent", "BMSBatteryVoltage", "vehSpeed", "vehOdo"):
                out[c] = np.round(np.interp(whole, t, y), 1)
            else:
                out[c] = y[place]
        return pd.DataFrame(out)
    return make


def renamed(f):
    f = f.rename(columns={"tboxTime": "time"})
    order = [f.columns[0]] + sorted(f.columns[1:], key=lambda c: (c[::-1], len(c)))
    return f[order].rename(columns={"time": "tboxTime"})


def permuted(groups, seed=3):
    def make(f):
        rng = np.random.default_rng(seed)
        f = f.copy()
        names = cells(f)
        source = f[names].to_numpy()
        out = source.copy()
        make.place = {}
        for low, high in groups:
            order = rng.permutation(np.arange(low - 1, high))
            for to, frm in zip(range(low - 1, high), order):
                out[:, to] = source[:, frm]
                make.place[frm + 1] = to + 1
        f[names] = out
        return f
    return make


def shuffled(f, seed=4):
    """Exchanges rows with neighbours up to three places away."""
    rng = np.random.default_rng(seed)
    key = np.arange(len(f)) + rng.uniform(0, 3, len(f))
    return f.iloc[np.argsort(key, kind="stable")]


def dropped(share, seed=5):
    return lambda f: f[np.random.default_rng(seed).uniform(size=len(f)) >= share]


def spiked(share=0.002, seed=6):
    """65.535 V, 0 V and isolated spikes of one cell in one row."""
    def make(f):
        rng = np.random.default_rng(seed)
        f = f.copy()
        names = cells(f)
        values = f[names].to_numpy(copy=True)
        hits = rng.uniform(size=len(f)) < share * 3
        for row in np.flatnonzero(hits):
            kind = rng.integers(4)
            cell = rng.integers(len(names))
            if kind == 0:
                values[row, cell] = 65.535
            elif kind == 1:
                values[row, cell] = 0
            elif kind == 2:
                values[row, cell] += rng.choice([-0.4, -0.2, 0.2, 0.4])
            else:
                values[row, :] = 65.535
        f[names] = values
        return f
    return make


def shifted(delta):
    def make(f):
        f = f.copy()
        f["tboxTime"] = f["tboxTime"] + delta
        return f
    return make


def quantised(step):
    def make(f):
        f = f.copy()
        for c in cells(f):
            f[c] = np.round(np.round(f[c] / step) * step, 4)
        return f
    return make


def added(number, change):
    """Adds change(frame, days) in volts to a cell."""
    def make(f):
        f = f.copy()
        f[f"V_{number}"] = np.round(f[f"V_{number}"] + change(f, days(f)), 3)
        return f
    return make


def leak(rate, onset):
    return lambda f, d: np.minimum(0, rate * (d - onset)) if rate < 0 else 0


def step(size, onset):
    return lambda f, d: np.where(d >= onset, size, 0)


def ohmic(ohms, onset=0):
    return lambda f, d: np.where(d >= onset, -f["BMSBatteryCurrent"] * ohms, 0)


def poor(share):
    """Deviation of a cell of less capacity, balanced when full, 8 mV a percent of charge."""
    return lambda f, d: -share * np.clip(95 - f["vehBMSPackSOC"], 0, None) * 0.008


def loose(ohms, onset=0, seed=7):
    def change(f, d):
        rng = np.random.default_rng(seed)
        return np.where(
            d >= onset, -f["BMSBatteryCurrent"].abs() * ohms * np.abs(rng.normal(size=len(f))), 0)
    return change


def stuck(number, onset):
    def make(f):
        f = f.copy()
        d = days(f)
        column = f[f"V_{number}"].to_numpy(copy=True)
        first = np.argmax(d >= onset)
        column[first:] = column[first]
        f[f"V_{number}"] = column
        return f
    return make


def hot(number, kelvin, onset, over):
    def make(f):
        f = f.copy()
        d = days(f)
        rise = kelvin * np.clip((d - onset) / over, 0, 1)
        f[f"T_{number}"] = np.round(f[f"T_{number}"] + np.where(f[f"T_{number}"] < 200, rise, 0))
        return f
    return make


def insulation(factor, onset, over):
    def make(f):
        f = f.copy()
        d = days(f)
        f["insulationResistance"] = np.round(
            f["insulationResistance"] * factor ** -np.clip((d - onset) / over, 0, 1), 3)
        return f
    return make


def variants():
    whole = {2: 112.0, 3: 27.0}
    modules = {2: [(1, 10), (11, 30), (31, 41), (42, 81), (82, 88)], 3: [(1, 87)]}
    for car in (2, 3):
        end = whole[car]
        a = f"car{car} "
        yield car, Variant(a + "as it is", lambda f: f, None)
        for label, first, last in [
            ("first month", 0, 30), ("last month", end - 30, end + 1), ("first half", 0, end / 2),
            ("second half", end / 2, end + 1), ("third quarter", end / 2, 0.75 * end),
            ("first week", 0, 7), ("last week", end - 7, end + 1), ("three days", 9, 12),
            ("one day", 16, 17),
        ]:
            yield car, Variant(a + label, between(first, last), None)
        for n in (2, 5, 10):
            yield car, Variant(f"{a}every {n}th row", thinned(n), None)
        for first, last in ((3, 4), (5, 8), (13, 20)):
            yield car, Variant(
                f"{a}1 s, days {first}-{last}", second_by_second(first, last), None)
        yield car, Variant(a + "columns in another order", renamed, None)
        yield car, Variant(a + "cells permuted in modules", permuted(modules[car]), None)
        yield car, Variant(a + "rows exchanged locally", shuffled, None)
        yield car, Variant(a + "5 % of rows dropped", dropped(0.05), None)
        yield car, Variant(a + "spikes and sentinels", spiked(), None)
        yield car, Variant(
            a + "four years and 7 h later", shifted(datetime.timedelta(days=1461, hours=7)), None)
        yield car, Variant(a + "5 mV resolution", quantised(0.005), None)
    healthy = {2: heal(82), 3: heal(81, 2)}
    for car in (2, 3):
        a = f"car{car} healed"
        yield car, Variant(a, healthy[car], None)
        for first, last in ((0, 14), (7, 21), (13, 28), (40, 60), (60, 90), (90, 113)):
            if first < whole[car] - 5:
                yield car, Variant(
                    f"{a}, days {first}-{last}", chain(healthy[car], between(first, last)), None)
        yield car, Variant(a + ", 1 s, days 5-6", chain(healthy[car], second_by_second(5, 6)), None)
    # Injected faults, in vehicles that are healthy otherwise.
    for car, picked in ((3, (30, 60)), (2, (55, 20))):
        end = whole[car]
        for cell in picked:
            a = f"car{car} cell {cell} "

            def cellwise(label, change, fault, cell=cell, car=car, a=a):
                return car, Variant(a + label, chain(healthy[car], added(cell, change)), fault)

            fall = ("cell_voltage_departure",)
            rates = ((-0.3, -1, -3) if car == 3 else (-0.1, -0.3, -1))
            for rate in rates:
                for share in (0.3, 0.5, 0.75):
                    onset = share * end
                    lost = rate * (end - onset)
                    expected = (
                        ("act",) if lost < -24 else ("act", "watch") if lost < -12
                        else ("watch", "note", "none"))
                    yield cellwise(
                        f"leak {rate} mV/day from day {onset:.0f} (ends {lost:.0f} mV)",
                        leak(rate / 1000, onset), Fault(("cell", cell), fall, onset, expected))
            for size in (-0.020, -0.040, 0.030):
                onset = 0.5 * end
                kinds = fall if size < 0 else ("cell_voltage_rise",)
                yield cellwise(
                    f"step {size * 1000:.0f} mV on day {onset:.0f}", step(size, onset),
                    Fault(("cell", cell), kinds, onset, ("act", "watch")))
            for ohms in (0.0003, 0.0006):
                yield cellwise(
                    f"+{ohms * 1000} mOhm", ohmic(ohms),
                    Fault(("cell", cell), ("cell_resistance",), None, Any))
                yield cellwise(
                    f"+{ohms * 1000} mOhm from day {end / 2:.0f}", ohmic(ohms, end / 2),
                    Fault(("cell", cell), ("cell_resistance",), end / 2, Any))
            for share in (0.05, 0.10, 0.15):
                yield cellwise(
                    f"{share:.0%} less capacity", poor(share),
                    Fault(("cell", cell), ("cell_capacity", "cell_static_offset"), None, Any))
            yield cellwise(
                "loose contact 0.5 mOhm", loose(0.0005, end / 2),
                Fault(
                    ("cell", cell), ("cell_unsteady_reading", "cell_resistance"), end / 2,
                    ("act", "watch")))
            yield car, Variant(
                a + "stuck from the start", chain(healthy[car], stuck(cell, 0)),
                Fault(("cell", cell), ("cell_reading_stuck",), None, ("watch",)))
            yield car, Variant(
                a + f"stuck from day {end / 2:.0f}", chain(healthy[car], stuck(cell, end / 2)),
                Fault(("cell", cell), ("cell_reading_stuck",), end / 2, ("watch",)))
        for probe in (3, 6):
            yield car, Variant(
                f"car{car} probe {probe} +8 K growing over 7 days",
                chain(healthy[car], hot(probe, 8, end / 2, 7)),
                Fault(("probe", probe), ("probe_hot",), end / 2, ("act", "watch")))
        yield car, Variant(
            f"car{car} insulation falls tenfold over 14 days",
            chain(healthy[car], insulation(10, end - 14, 14)),
            Fault(("pack", None), ("insulation_fall",), end - 14, ("act", "watch")))


def subject(finding):
    s = finding["subject"]
    return s["part"], s.get("number")


def listed(findings):
    text = []
    for f in findings:
        kind, number = subject(f)
        text.append(f"{kind} {number or ''}".strip() + ":" + f["kind"])
    return ", ".join(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("anodyne")
    parser.add_argument("folder")
    parser.add_argument("--only", default="")
    parser.add_argument("--keep")
    options = parser.parse_args()
    frames = {c: load(os.path.join(options.folder, f"car{c}_processed.csv")) for c in (2, 3)}
    known = {2: {82}, 3: {81, 2}}
    folder = options.keep or tempfile.mkdtemp()
    totals = collections.Counter()
    for car, variant in variants():
        if options.only not in variant.name:
            continue
        frame = variant.make(frames[car])
        if len(frame) < 20:
            continue
        path = os.path.join(folder, "variant.csv")
        frame.to_csv(path, index=False)
        report = os.path.join(folder, "variant.json")
        code = subprocess.run([options.anodyne, "analyze", path, "--json", report, "--quiet"])
        if code.returncode:
            print(f"| {variant.name} | exit code {code.returncode} |")
            totals["failed"] += 1
            continue
        vehicle = json.load(open(report))["vehicles"][0]["assessment"]
        findings = vehicle["findings"]
        # The vehicle's own time is local: compare with the frame's.
        start = vehicle["span"]["start"]
        names = {n for n in known[car]}
        place = getattr(variant.make, "place", None)
        if place:
            names = {place[n] for n in names}
        text, verdict = [], ""
        acts = [f for f in findings if f["severity"] in ("act", "stop")]
        watches = [f for f in findings if f["severity"] == "watch"]
        wrong = [
            f for f in acts
            if subject(f)[0] != "cell" or subject(f)[1] not in names or car == 3]
        if variant.fault:
            wanted = variant.fault
            mine = [
                f for f in findings
                if subject(f)[0] == wanted.subject[0]
                and (wanted.subject[1] is None or subject(f)[1] == wanted.subject[1])
                and f["kind"] in wanted.kinds]
            same = [f for f in findings if f not in mine and subject(f) == wanted.subject]
            severity = mine[0]["severity"] if mine else "none"
            verdict = "found" if severity in wanted.expected else "MISSED"
            if severity == "none" and "none" in wanted.expected:
                verdict = "below limit"
            if mine and mine[0].get("since") is not None and wanted.onset is not None:
                error = (mine[0]["since"] - start) / 86400 - wanted.onset
                text.append(f"onset {error:+.1f} d")
            text.append(f"{severity}" + (f" {mine[0]['kind']}" if mine else ""))
            if same:
                text.append("also " + listed(same))
            wrong = [f for f in acts if f not in mine and f not in same]
            others = [
                f for f in watches if subject(f)[0] == "cell" and f not in mine + same]
            if others:
                text.append("other watch: " + listed(others))
        elif "healed" in variant.name:
            others = [f for f in acts + watches if subject(f)[0] == "cell"]
            verdict = "clear" if not others and not wrong else "ACCUSES"
            text.append(listed(others) or "no cell")
        else:
            text.append("act: " + (listed(acts) or "none"))
            text.append("watch: " + (listed(watches) or "none"))
            verdict = "WRONG ACT" if wrong else "right"
        if wrong:
            verdict += " FALSE ACT " + listed(wrong)
        totals[verdict.split(" FALSE")[0]] += 1
        totals["false acts"] += len(wrong)
        print(f"| {variant.name} | {len(frame)} | {verdict} | {'; '.join(text)} |", flush=True)
    print(dict(totals))


if __name__ == "__main__":
    sys.exit(main())

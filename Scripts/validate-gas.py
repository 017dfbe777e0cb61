#!/usr/bin/env python3
"""Runaway, gas and toxic gas of every shipped cell beside the ranges of the safety tables.

Usage: Scripts/validate-gas.py PROGRAM
PROGRAM is the anodyne executable. Prints Markdown for Docs/validation/thermal-runaway-gas.md.
"""
import json
import subprocess
import sys

program = sys.argv[1]
# Trigger and peak in °C, gas in L/Ah: Jing et al. (2026), table 1; none for LCO.
ranges = {
    "lco-18650": (None, None, None), "ncm-18650": ((165, 253), (544, 850), (1.74, 5.0)),
    "ncm-tunnelling-18650": ((165, 253), (544, 850), (1.74, 5.0)),
    "ncm-25ah": ((165, 253), (544, 850), (1.74, 5.0)),
    "lfp-18650": ((196, 280), (417, 511), (0.6, 2.5)),
    "lfp-100ah": ((196, 280), (417, 511), (0.6, 2.5)),
    "sodium-18650": ((157, 271), (466, 794), (1.8, 5.1)),
    "sodium-prussian-blue-18650": ((157, 271), (466, 794), (1.8, 5.1)),
    # Gas as 51.4 % of the cathode's mass, which is put in.
    "potassium-18650": ((100, 120), (325, 500), None),
    "sulfide-18650": ((150, 313), (500, 700), (0.8, 1.5)),
}
gases = ["HF", "CO", "H2S", "SO2", "HCN"]


def run(cell, *words):
    return json.loads(subprocess.run([program, "abuse", *words, "--cell", cell, "--json", "-"], check=True,
                                     capture_output=True).stdout)


def beside(value, limits, form):
    if limits is None:
        return form.format(value) + ", –"
    low, high = limits
    miss = "" if low <= value <= high else " **" + form.format(value - (low if value < low else high)) + "**"
    return form.format(value) + f", {low}–{high}{miss}"


print("| cell | charge | 1 K/s at in °C, range | peak in °C, range | gas in L/Ah, range |")
print("| --- | --- | --- | --- | --- |")
for cell, (trigger, peak, gas) in ranges.items():
    for charge in ("1", "0.5"):
        found = run(cell, "arc", "--soc", charge)
        event = next((e for e in found["events"] if e["event"] == "runaway"), None)
        fast = beside(event["temperature_kelvin"] - 273.15, trigger, "{:.0f}") if event else "none"
        print(f"| `{cell}` | {100 * float(charge):.0f} % | {fast} | "
              f"{beside(found['peak_temperature_kelvin'] - 273.15, peak, '{:.0f}')} | "
              f"{beside(found['gas_litres_per_ampere_hour'], gas, '{:.2f}')} |")
for volume, title in (("30", "room of 30 m³"), ("1", "cabinet of 1 m³")):
    print(f"\nPeak in ppm in a {title}, half an air change an hour, oven of 200 °C (LFP 220 °C), 100 % charge:\n")
    print("| cell | " + " | ".join(gases) + " | part of the lower flammability limit | IDLH passed | "
          "first gas to danger |")
    print("| --- |" + " --- |" * (len(gases) + 3))
    for cell in ranges:
        found = run(cell, "oven", "--oven-celsius", "220" if "lfp" in cell else "200", "--room-volume", volume)
        toxic = {t["gas"]: t for t in found["toxic"]}
        passed = [g for g in gases if toxic.get(g, {}).get("danger_after_seconds") is not None]
        leave = found.get("time_to_evacuate_seconds")
        print(f"| `{cell}` | " + " | ".join(f"{toxic[g]['peak_ppm']:.2g}" if g in toxic else "–" for g in gases)
              + f" | {found['flammability']:.2g} | {', '.join(passed) or 'none'} | "
              + (f"{leave:.0f} s" if leave is not None else "none") + " |")

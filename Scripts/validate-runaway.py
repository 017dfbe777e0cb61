#!/usr/bin/env python3
"""Compares simulated heater tests with the Battery Failure Databank.

Usage: Scripts/validate-runaway.py PROGRAM DATASETS
PROGRAM is the anodyne executable (release), DATASETS the folder of the measured sets.
Needs pandas and openpyxl. Prints a Markdown table for Docs/validation/thermal-runaway.md.
"""
import json
import subprocess
import sys
import tempfile

import pandas as pd

program, datasets = sys.argv[1:3]
path = datasets + "/nrel_battery_failure_databank/BatteryFailureDatabankV2.xlsx"
tests = pd.read_excel(path, sheet_name="Fractional-Calorimetry-Data", header=None)
tests.columns = tests.iloc[2]
tests = tests.iloc[3:]
cells = pd.read_excel(path, sheet_name="Cell-Characteristics", header=None)
cells.columns = cells.iloc[2]
cells = cells.iloc[3:]
cells = cells[cells["Cell-Format"].astype(str) == "18650"]

print("| cell, trigger | tests | heat in kJ/Ah: 10 %, median, 90 % | simulated | "
      "ejected in %: 10 %, median, 90 % | simulated |")
print("| --- | --- | --- | --- | --- | --- |")
errors = []
tests_of_class = {"below 2.7 Ah": [], "2.8 Ah and more": []}
for _, cell in cells.iterrows():
    name, capacity = cell["Cell-Description"], float(cell["Cell-Capacity-Ah"])
    for trigger, words in [("Heater (Non-ISC)", "heater"), ("Nail", "nail")]:
        rows = tests[(tests["Cell-Description"] == name)
                     & (tests["Trigger-Mechanism"] == trigger)
                     & (pd.to_numeric(tests["Pre-Test-State-of-Charge-%"], errors="coerce") == 100)]
        heat = pd.to_numeric(rows["Corrected-Total-Energy-Yield-kJ"], errors="coerce").dropna()
        ejected = pd.to_numeric(rows["Percent-Original-Mass-Ejected"], errors="coerce").dropna()
        mass = pd.to_numeric(rows["Pre-Test-Cell-Mass-g"], errors="coerce").dropna()
        if len(heat) < 3:
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
            file.write(f"like: ncm-18650\nname: databank\ncapacity_ah: {capacity}\n"
                       f"mass_g: {mass.median()}\nseparator: trilayer\nvent_feedback: true\n")
        command = [program, "abuse", words, "--cell", file.name, "--json", "-"]
        if words == "heater":
            command += ["--power", "100", "--share", "0.3"]
        result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        released = (result["heat_of_reactions_joules"] + result["heat_of_currents_joules"]) / 1e3 / capacity
        gone = 100 * (result["ejected_kilograms"] + result["vented_kilograms"]) / (mass.median() / 1e3)
        h, e = (heat / capacity).quantile([0.1, 0.5, 0.9]), ejected.quantile([0.1, 0.5, 0.9])
        tests_of_class["below 2.7 Ah" if capacity < 2.7 else "2.8 Ah and more"].append(
            (words, heat / capacity, released, ejected, gone))
        errors.append((released / h[0.5] - 1, gone - e[0.5]))
        print(f"| {name}, {words} | {len(heat)} | {h[0.1]:.1f}, {h[0.5]:.1f}, {h[0.9]:.1f} | "
              f"{released:.1f} | {e[0.1]:.0f}, {e[0.5]:.0f}, {e[0.9]:.0f} | {gone:.0f} |")
print("\n| class, trigger | tests | heat in kJ/Ah: 10 %, median, 90 % | simulated median | error |")
print("| --- | --- | --- | --- | --- |")
for name, rows in tests_of_class.items():
    for trigger in ("heater", "nail"):
        own = [row for row in rows if row[0] == trigger]
        if own:
            pooled = pd.concat([row[1] for row in own])
            middle = pd.Series([row[2] for row in own]).median()
            q = pooled.quantile([0.1, 0.5, 0.9])
            print(f"| {name}, {trigger} | {len(pooled)} | {q[0.1]:.1f}, {q[0.5]:.1f}, {q[0.9]:.1f} | {middle:.1f} | "
                  f"{100 * (middle / q[0.5] - 1):+.0f} % |")
heat_error = pd.Series([e[0] for e in errors])
mass_error = pd.Series([e[1] for e in errors])
print(f"\nHeat: median error {100 * heat_error.median():+.0f} %, "
      f"from {100 * heat_error.min():+.0f} to {100 * heat_error.max():+.0f} %. "
      f"Ejected: median error {mass_error.median():+.0f} points of percent, "
      f"from {mass_error.min():+.0f} to {mass_error.max():+.0f}.")

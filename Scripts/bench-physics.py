"""1C discharge of Chen2020 by this program and by PyBaMM: CPU time and error of both, side by side."""
import csv
import json
import os
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("PYBAMM_DISABLE_TELEMETRY", "true")
import numpy as np
import pybamm

program = sys.argv[1]
repetitions = 11
step = "Discharge at 1C until 2.5 V"
models = {
    "spm": pybamm.lithium_ion.SPM,
    "spme": pybamm.lithium_ion.SPMe,
    "dfn": pybamm.lithium_ion.DFN,
}


def simulate(*options):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "run.csv")
        command = [program, "simulate", step, "--quiet", "--interval", "12", "--output", path]
        subprocess.run(command + list(options), check=True)
        with open(path) as file:
            rows = [(float(r["time_s"]), float(r["voltage_V"])) for r in csv.DictReader(file)]
    return np.array(rows)


def rms(curve, reference):
    # The last point of each is its own end of discharge; compare the common equal times.
    count = min(len(curve), len(reference)) - 1
    difference = curve[1:count, 1] - reference[1:count, 1]
    return 1e3 * float(np.sqrt(np.mean(difference**2)))


print("1C discharge, Chen2020, from full to 2.5 V; CPU ms, smallest of %d; rms error in mV" % repetitions)
print("%-14s %9s %9s %8s %9s %9s %9s" % ("model", "ours", "PyBaMM", "ratio", "our err", "its err", "first"))
for thermal in ("isothermal", "lumped"):
    for name, make in models.items():
        options = ["--model", name, "--thermal", thermal]
        output = subprocess.run(
            [program, "simulate", step, "--measure", str(repetitions + 1)] + options,
            check=True, capture_output=True, text=True).stdout
        ours = json.loads(output)
        reference = simulate("--resolution", "fine", *options)
        error = rms(simulate(*options), reference)
        values = pybamm.ParameterValues("Chen2020")
        for side in ("negative", "positive"):
            full = values["Maximum concentration in %s electrode [mol.m-3]" % side]
            values["Initial concentration in %s electrode [mol.m-3]" % side] = (
                full * ours["%s_stoichiometry" % side])
        simulation = pybamm.Simulation(
            make({"thermal": thermal}), parameter_values=values,
            solver=pybamm.IDAKLUSolver(rtol=1e-4, atol=1e-6))
        best = float("inf")
        for _ in range(repetitions + 1):
            start = time.process_time()
            solution = simulation.solve([0, 4000])
            best = min(best, time.process_time() - start)
        times = reference[:, 0]
        times = times[times < solution.t[-1]]
        theirs = np.column_stack([times, solution["Voltage [V]"](times)])
        theirs = np.vstack([theirs, [solution.t[-1], 2.5]])
        print("%-14s %9.3f %9.3f %7.1fx %9.3f %9.3f %9.2f" % (
            name + (" lumped" if thermal == "lumped" else ""), ours["cpu_ms_smallest"], 1e3 * best,
            1e3 * best / ours["cpu_ms_smallest"], error, rms(theirs, reference),
            ours["cpu_ms_first"]))

print("\nSPM with film growth (EC reaction), Chen2020, cycles of 1C, C/2 and a hold at 4.2 V to C/20")
words = ["Discharge at 1C until 2.5 V", "Charge at C/2 until 4.2 V", "Hold at 4.2 V until C/20"]
ageing = words + ["--model", "spm", "--sei", "ec-reaction"]
output = subprocess.run(
    [program, "simulate", *ageing, "--cycles", "1000", "--measure", "3"],
    check=True, capture_output=True, text=True).stdout
print("1000 cycles: %.0f ms CPU" % json.loads(output)["cpu_ms_smallest"])
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "run.csv")
    subprocess.run(
        [program, "simulate", *ageing, "--cycles", "100", "--quiet", "--interval", "1000",
         "--output", path], check=True)
    with open(path[:-4] + "-cycles.csv") as file:
        own = [float(row["capacity_Ah"]) for row in csv.DictReader(file)]
simulation = pybamm.Simulation(
    pybamm.lithium_ion.SPM({"SEI": "ec reaction limited"}),
    parameter_values=pybamm.ParameterValues("Chen2020"),
    experiment=pybamm.Experiment([tuple(words)] * 100),
    var_pts={"x_n": 5, "x_s": 5, "x_p": 5, "r_n": 60, "r_p": 60},
    solver=pybamm.IDAKLUSolver(rtol=1e-6, atol=1e-8))
start = time.process_time()
solution = simulation.solve(initial_soc=1)
spent = time.process_time() - start


def capacity(cycle):
    charge = cycle["Discharge capacity [A.h]"].entries
    return float(charge.max() - charge[0])


ours, its = own[0] - own[-1], capacity(solution.cycles[0]) - capacity(solution.cycles[-1])
print("100 cycles: capacity loss %.5f Ah, PyBaMM (60 points, rtol 1e-6, %.1f s CPU) %.5f Ah: %+.3f %%" % (
    ours, spent, its, 100 * (ours / its - 1)))

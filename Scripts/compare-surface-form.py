#!/usr/bin/env python3
# Anodyne: battery safety from cell physics to the fleet.
# SPDX-License-Identifier: Apache-2.0
"""What PyBaMM's option "surface form", which its composite electrodes need, changes by itself.

Run with the virtual environment of Scripts/bench-physics.sh: .tools/pybamm/bin/python Scripts/compare-surface-form.py
"""
import warnings

import numpy
import pybamm

warnings.filterwarnings("ignore")
pybamm.set_logging_level("ERROR")
TIMES = numpy.linspace(0, 3300, 34)
POINTS = {"x_n": 40, "x_s": 20, "x_p": 40, "r_n": 60, "r_p": 60}
LOSSES = ["concentration overpotential", "electrolyte ohmic losses", "reaction overpotential"]


def solve(model):
    """A 1C discharge of Chen2020, one material in each electrode."""
    solver = pybamm.IDAKLUSolver(rtol=1e-7, atol=1e-8)
    simulation = pybamm.Simulation(
        model, parameter_values=pybamm.ParameterValues("Chen2020"), var_pts=POINTS, solver=solver
    )
    return simulation.solve(TIMES)


def main():
    """Prints voltages and losses of both forms, and their distance from the DFN model."""
    runs = {
        form: solve(pybamm.lithium_ion.SPMe({"surface form": form})) for form in ("false", "algebraic")
    }
    full = solve(pybamm.lithium_ion.DFN())["Voltage [V]"](TIMES)
    print("mV at", TIMES[1::6], "s")
    for form, run in runs.items():
        print(f"{form}: SPMe less DFN", 1e3 * (run["Voltage [V]"](TIMES) - full)[1::6].round(5))
        for loss in LOSSES:
            values = run[f"X-averaged battery {loss} [V]"](TIMES)
            print(f"{form}: {loss}", 1e3 * values[1::6].round(5))
    difference = runs["algebraic"]["Voltage [V]"](TIMES) - runs["false"]["Voltage [V]"](TIMES)
    print("algebraic less false", 1e3 * difference[1::6].round(5))


if __name__ == "__main__":
    main()

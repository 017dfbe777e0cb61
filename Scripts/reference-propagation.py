#!/usr/bin/env python3
"""Propagation through a stack of pouches by finite volumes: the reference of PublishedExampleReleaseTests.

The case is the propagation example of LIM1TR (Sandia National Laboratories, SAND2021-12281): an
aluminium block of 700 °C, three pouches of 7 mm, one reaction of first order, contacts of 0.002 and
0.004 m²K/W, and air at 10 W/(m²K). Needs NumPy and SciPy.

    python3 Scripts/reference-propagation.py [cell width in mm, 0.1]
"""
import sys

import numpy as np
from scipy.integrate import solve_ivp
from scipy.sparse import lil_matrix

WIDTH, HEIGHT = 0.12, 0.04  # m
AIR, AROUND = 10.0, 294.15  # W/(m2 K), K
FREQUENCY, ENERGY, HEAT, LOADING = 1e9, 1.1e5, 1.44e6, 0.35 * 1800
CONTACTS = (0.002, 0.004, 0.004)  # m2 K/W


def solve(size):
    """Times in s at which half of the second and third cell, and of their first slices, have reacted."""
    thickness, conductivity, capacity, layer = [], [], [], []
    for index in range(4):
        step = 0.001 if index == 0 else size
        count = round((0.002 if index == 0 else 0.007) / step)
        thickness += [step] * count
        conductivity += [237.0 if index == 0 else 0.5] * count
        capacity += [2700 * 900.0 if index == 0 else 1800 * 800.0] * count
        layer += [index] * count
    thickness, conductivity = np.array(thickness), np.array(conductivity)
    capacity, layer = np.array(capacity), np.array(layer)
    count = len(layer)
    half = thickness / 2 / conductivity
    resistance = half[:-1] + half[1:]
    for i in range(count - 1):
        if layer[i] != layer[i + 1]:
            resistance[i] += CONTACTS[layer[i]]
    reactant = np.where(layer > 0, LOADING, 0.0)
    edge = 2 * (WIDTH + HEIGHT) / (WIDTH * HEIGHT)

    def rates(_, state):
        temperature, left = state[:count], state[count:]
        heat = -AIR * edge * thickness * (temperature - AROUND)
        flow = (temperature[:-1] - temperature[1:]) / resistance
        heat[:-1] -= flow
        heat[1:] += flow
        rate = FREQUENCY * np.exp(-ENERGY / 8.314 / np.clip(temperature, 200, 3000))
        rate *= np.maximum(left, 0)
        return np.concatenate([(heat + HEAT * rate * thickness) / (capacity * thickness), -rate])

    pattern = lil_matrix((2 * count, 2 * count))
    for i in range(count):
        for j in range(max(0, i - 1), min(count, i + 2)):
            pattern[i, j] = 1
        pattern[i, count + i] = pattern[count + i, i] = pattern[count + i, count + i] = 1
    start = np.concatenate([np.where(layer == 0, 973.15, AROUND), reactant])
    run = solve_ivp(rates, (0, 60), start, method="BDF", jac_sparsity=pattern, rtol=1e-6,
                    atol=1e-4, max_step=0.2)
    times = []
    for cell in (2, 3):
        places = np.flatnonzero(layer == cell)
        left = run.y[count + places] / LOADING
        times.append((run.t[np.argmax(left[0] < 0.5)], run.t[np.argmax(left.mean(0) < 0.5)]))
    return times


size = float(sys.argv[1]) / 1e3 if len(sys.argv) > 1 else 1e-4
second, third = solve(size)
print(f"slices of {size * 1e3:g} mm: first slice of the second cell {second[0]:.2f} s, of the third "
      f"{third[0]:.2f} s; half of the second {second[1]:.2f} s, of the third {third[1]:.2f} s; "
      f"crossing {third[1] - second[1]:.2f} s")

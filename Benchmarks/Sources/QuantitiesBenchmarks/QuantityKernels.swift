// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The same kernels written with quantities.

import Quantities

/// One step of a lumped thermal model of many cells, by explicit Euler.
@inline(never)
func heatWithQuantities(
  _ temperatures: inout [Temperature], currents: [Current], resistances: [Resistance],
  ambient: Temperature, conductance: ThermalConductance, capacity: HeatCapacity,
  step: Quantities.Duration
) {
  for cell in temperatures.indices {
    let drop: Voltage = currents[cell] * resistances[cell]
    let heat: Power = drop * currents[cell]
    let loss: Power = conductance * temperatures[cell].difference(from: ambient)
    let energy: Energy = (heat - loss) * step
    temperatures[cell] = temperatures[cell] + energy / capacity
  }
}

/// Number of cells hotter than one limit or within a tolerance of another.
@inline(never)
func countWithQuantities(
  _ temperatures: [Temperature], limit: Temperature, mark: Temperature
) -> Int {
  var count = 0
  for temperature in temperatures {
    if temperature > limit { count += 1 }
    if temperature.isApproximatelyEqual(to: mark, absoluteTolerance: Temperature(0.5)) {
      count += 1
    }
  }
  return count
}

/// Charge and energy moved in equal steps.
@inline(never)
func throughputWithQuantities(
  _ currents: [Current], voltage: Voltage, step: Quantities.Duration
) -> (charge: Charge, energy: Energy) {
  var charge = Charge.zero
  var energy = Energy.zero
  for current in currents {
    charge += current * step
    energy += voltage * current * step
  }
  return (charge, energy)
}

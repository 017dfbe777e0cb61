// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The kernels written with bare numbers: the baseline that quantities must equal.

/// One step of a lumped thermal model of many cells, by explicit Euler.
@inline(never)
func heatWithNumbers(
  _ temperatures: inout [Double], currents: [Double], resistances: [Double], ambient: Double,
  conductance: Double, capacity: Double, step: Double
) {
  for cell in temperatures.indices {
    let drop = currents[cell] * resistances[cell]
    let heat = drop * currents[cell]
    let loss = conductance * (temperatures[cell] - ambient)
    let energy = (heat - loss) * step
    temperatures[cell] = temperatures[cell] + energy / capacity
  }
}

/// Number of cells hotter than one limit or within a tolerance of another.
@inline(never)
func countWithNumbers(_ temperatures: [Double], limit: Double, mark: Double) -> Int {
  var count = 0
  for temperature in temperatures {
    if temperature > limit { count += 1 }
    if isClose(temperature, mark, tolerance: 0.5) { count += 1 }
  }
  return count
}

/// The same comparison as `Quantity.isApproximatelyEqual`.
@inline(__always)
func isClose(_ a: Double, _ b: Double, tolerance: Double) -> Bool {
  if a == b { return true }
  let distance = (a - b).magnitude
  guard distance.isFinite else { return false }
  let scale = a.magnitude > b.magnitude ? a.magnitude : b.magnitude
  return distance <= tolerance || distance <= 0x1p-26 * scale
}

/// Charge and energy moved in equal steps.
@inline(never)
func throughputWithNumbers(
  _ currents: [Double], voltage: Double, step: Double
) -> (charge: Double, energy: Double) {
  var charge = 0.0
  var energy = 0.0
  for current in currents {
    charge += current * step
    energy += voltage * current * step
  }
  return (charge, energy)
}

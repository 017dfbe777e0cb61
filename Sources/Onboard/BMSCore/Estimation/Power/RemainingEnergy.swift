// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Energy that can still be taken out.

extension CellCircuit {
  /// Energy between a state of charge and another lower one under a current, in joules.
  ///
  /// Sixteen steps of equal charge; each at the voltage of the steady state of all pairs, and none
  /// after the voltage has fallen below the lower cut-off.
  ///
  /// - Parameters:
  ///   - start: State of charge now, 0…1.
  ///   - end: State of charge at which use ends, 0…1.
  ///   - current: Mean discharge current, in amperes; not negative.
  ///   - temperature: In kelvin.
  ///   - ratio: Resistance of the cell over the circuit's.
  ///   - capacity: Of the cell, in coulombs.
  /// - Returns: The energy in joules.
  /// - Complexity: O(1): sixteen readings.
  @inlinable
  public func energy(
    from start: Real, to end: Real, current: Real, temperature: Real, ratio: Real, capacity: Real
  ) -> Real {
    var circuit = self
    return circuit.energyLeft(
      from: start, to: end, current: current, temperature: temperature, ratio: ratio,
      capacity: capacity)
  }

  /// As ``energy(from:to:current:temperature:ratio:capacity:)``, read in place (decision 0189).
  @inlinable
  mutating func energyLeft(
    from start: Real, to end: Real, current: Real, temperature: Real, ratio: Real, capacity: Real
  ) -> Real {
    let span = start.finite(or: 0).clamped(0, 1) - end.finite(or: 0).clamped(0, 1)
    guard span > 0, capacity > 0 else { return 0 }
    let step = span / 16
    var energy: Real = 0
    for k in 0..<16 {
      let place = start - (Real(k) + 0.5) * step
      let point = point(at: place, temperature: temperature, discharging: true)
      let voltage = point.openCircuit - max(0, current) * point.total * ratio
      if voltage < lowerVoltage { break }
      energy += voltage * step * capacity
    }
    return energy.finite(or: 0)
  }
}

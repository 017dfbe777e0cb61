// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where the middle of the siblings is on its curve: charge, polarisation, slope.

import NumericalMethods
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Follows the nominal cell that stands for the middle of the siblings.
struct SiblingPlace: Sendable {
  private let cell: PlantCell
  /// State of charge; NaN before the first reading.
  private(set) var charge = Double.nan
  private var variance = 0.01
  /// Overpotential of diffusion in volts.
  private(set) var slowLoss = 0.0
  /// Overpotential of charge transfer in volts.
  private(set) var fastLoss = 0.0
  /// Factor of all resistances at the mean temperature of the probes.
  private(set) var factor = 1.0
  private var temperature = PhysicalConstants.referenceTemperature

  init(_ cell: PlantCell) { self.cell = cell }

  /// Open-circuit voltage at the estimated charge, in volts.
  var openVoltage: Double { cell.openCircuit.voltage(at: charge) }

  mutating func begin(at voltage: Double) {
    charge = cell.openCircuit.charge(at: voltage)
    let slope = max(cell.openCircuit.slope(at: charge, span: 0.02), 1e-3)
    let doubt = min(0.25, (0.004 + cell.hysteresis) / slope)
    variance = doubt * doubt
  }

  /// Adds the doubt of a time without readings.
  mutating func widen(by interval: Double) {
    variance = min(0.09, variance + 0.01 * interval / 3_600)
    let pace = factor.squareRoot()
    slowLoss *= exp(-interval / (cell.slow.time * pace))
    fastLoss *= exp(-interval / (cell.fast.time * pace))
  }

  /// Follows charge and polarisation of the nominal cell.
  mutating func follow(current: Double, interval: Double, reading: borrowing PackReading) {
    charge = min(1.02, max(-0.02, charge - current * interval / cell.capacity))
    var sum = 0.0
    var known = 0.0
    for value in reading.probeTemperature where value > 220 && value < 400 {
      sum += value
      known += 1
    }
    if known > 0, abs(sum / known - temperature) > 0.25 {
      temperature = sum / known
      factor = exp(
        cell.activationEnergy / PhysicalConstants.gas
          * (1 / temperature - 1 / PhysicalConstants.referenceTemperature))
    }
    let pace = factor.squareRoot()
    let slowEnd = current * cell.slow.resistance * factor
    let fastEnd = current * cell.fast.resistance * factor
    slowLoss = slowEnd + (slowLoss - slowEnd) * exp(-interval / (cell.slow.time * pace))
    fastLoss = fastEnd + (fastLoss - fastEnd) * exp(-interval / (cell.fast.time * pace))
  }

  /// Corrects the charge of the siblings by their median voltage, with a scalar Kalman filter: a
  /// flat curve says nothing, a rested steep one much.
  mutating func correct(median: Double, current: Double, loss: Double, length: Double) {
    let table = cell.openCircuit
    // The capacity of an aged pack is known to a tenth; the sensor's offset to half an ampere.
    let counted = 0.1 * current * length / cell.capacity
    let offset = 0.3 * length / cell.capacity
    variance = min(0.09, variance + counted * counted + offset * offset)
    let slope = max(table.slope(at: charge, span: 0.015), 1e-3)
    let doubt = 0.002 + cell.hysteresis + 0.25 * abs(loss)
    let repeated = max(1, 600 / length)
    let total = slope * slope * variance + doubt * doubt * repeated
    let residual = median + loss - table.voltage(at: charge)
    let gain = variance * slope / total
    charge += max(-0.05, min(0.05, gain * residual))
    charge = min(1.02, max(-0.02, charge))
    variance = max(1e-5, variance * (1 - gain * slope))
  }

  /// Slope of the open-circuit voltage between a cell and its siblings, and how far it may be off by
  /// the doubt of the place.
  @inline(__always)
  func slope(
    around open: Double, difference: Double, reach: Double
  ) -> (slope: Double, bend: Double) {
    let bounded = max(-0.5, min(0.5, difference))
    let low = min(0, bounded) - 0.001_5
    let high = max(0, bounded) + 0.001_5
    let table = cell.openCircuit
    @inline(__always) func secant(_ shift: Double) -> Double {
      let rise = table.charge(at: open + shift + high) - table.charge(at: open + shift + low)
      // Beyond the ends of the curve its table says no more than steep.
      return min(15, (high - low) / max(rise, 2e-4))
    }
    let here = secant(0)
    guard reach > 0 else { return (here, 0) }
    return (here, max(abs(secant(-reach) - here), abs(secant(reach) - here)))
  }
}

// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Where the middle of each module is on its curve: charge, polarisation, hysteresis.

import NumericalMethods
import Quantities

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Follows the nominal cells that stand for the middle of each module.
struct SiblingPlace: Sendable {
  /// How fast the hysteresis is run through, for a whole charge (assumed known of the type).
  static let loopRate = 30.0
  /// Charge that a healthy cell loses by itself in a second: two percent a month (assumed
  /// of the type, and uncertain by as much).
  static let selfDischarge = 0.02 / (30 * PhysicalConstants.secondsPerDay)

  private let cell: PlantCell
  /// State of charge of each module; NaN before its first reading.
  private(set) var charge: [Double]
  private var variance: [Double]
  /// Overpotential of diffusion in volts.
  private(set) var slowLoss = 0.0
  /// Overpotential of charge transfer in volts.
  private(set) var fastLoss = 0.0
  /// Hysteresis of the nominal cell, from −1 after charge to 1 after discharge (one state, Plett 2004,
  /// doi:10.1016/j.jpowsour.2004.02.032).
  private(set) var loop = 0.0
  /// Factor of all resistances at the mean temperature of the probes.
  private(set) var factor = 1.0
  private var temperature = PhysicalConstants.referenceTemperature
  private var pace = 1.0
  /// Resistance of the pack relative to the nominal cell, learnt from steps of the current.
  private(set) var scale = 1.15
  private var crossed = 1.15 * 0.002
  private var squared = 0.002
  private var previousLoss = Double.nan
  private var previousVoltage = Double.nan
  private let top: Double
  private let bottom: Double
  private let cells: Double

  init(_ cell: PlantCell, cells: Int, modules: Int) {
    self.cell = cell
    self.cells = Double(max(1, cells))
    charge = Array(repeating: .nan, count: modules)
    variance = Array(repeating: 0.01, count: modules)
    top = cell.openCircuit.values[VoltageTable.intervals]
    bottom = cell.openCircuit.values[0]
  }

  /// Standard deviation of the charge of a module.
  func doubt(_ module: Int) -> Double { variance[module].squareRoot() }

  /// Open-circuit voltage at the charge of a module, in volts.
  func openVoltage(of module: Int) -> Double {
    cell.openCircuit.voltage(at: charge[module])
  }

  /// Adds the doubt of a time without readings.
  mutating func widen(by interval: Double) {
    for module in variance.indices {
      variance[module] = min(0.09, variance[module] + 0.01 * interval / 3_600)
    }
    slowLoss *= exp(-interval / (cell.slow.time * pace))
    fastLoss *= exp(-interval / (cell.fast.time * pace))
  }

  /// Follows charge, polarisation and hysteresis over one reading.
  mutating func follow(current: Double, interval: Double, reading: borrowing PackReading) {
    let moved = current * interval / cell.capacity
    if moved != 0 {
      // The smaller of a number and NaN would be the number.
      for module in charge.indices where !charge[module].isNaN {
        charge[module] = min(1.02, max(-0.02, charge[module] - moved))
      }
      loop += ((moved > 0 ? 1 : -1) - loop) * min(1, Self.loopRate * abs(moved))
    }
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
      pace = factor.squareRoot()
    }
    let slowEnd = current * cell.slow.resistance * factor
    let fastEnd = current * cell.fast.resistance * factor
    let before = charge[0]
    slowLoss = slowEnd + (slowLoss - slowEnd) * exp(-interval / (cell.slow.time * pace))
    fastLoss = fastEnd + (fastLoss - fastEnd) * exp(-interval / (cell.fast.time * pace))
    let loss = current * cell.seriesResistance * factor + slowLoss + fastLoss
    learnResistance(
      loss: loss, voltage: reading.packVoltage, moved: moved, charge: before, interval: interval)
  }

  /// Compares the step of the voltage from reading to reading with that of the nominal cell.
  private mutating func learnResistance(
    loss: Double, voltage: Double, moved: Double, charge: Double, interval: Double
  ) {
    defer {
      previousLoss = loss
      previousVoltage = voltage
    }
    let step = loss - previousLoss
    guard interval <= 120, abs(step) > 0.004, voltage.isFinite, previousVoltage.isFinite,
      charge.isFinite
    else { return }
    let table = cell.openCircuit
    let open = table.voltage(at: charge) - table.voltage(at: charge + moved)
    let measured = open - (voltage - previousVoltage) / cells
    guard abs(measured) < 1 else { return }
    crossed = 0.998 * crossed + step * measured
    squared = 0.998 * squared + step * step
    scale = min(3, max(0.5, crossed / squared))
  }

  /// Corrects the charge of a module by its median voltage, with a scalar Kalman filter: a flat curve
  /// says nothing, a rested steep one much.
  ///
  /// - Parameters:
  ///   - module: From 0.
  ///   - median: Mean over the window of the median voltage, in volts.
  ///   - current: Mean current in amperes.
  ///   - loss: Mean overpotential in volts.
  ///   - length: Of the window in seconds.
  mutating func correct(
    _ module: Int, median: Double, current: Double, loss: Double, length: Double
  ) {
    let open = median + loss + cell.hysteresis * loop
    let doubt = 0.001 + 0.25 * cell.hysteresis + 0.15 * abs(loss)
    // Where the curve is flat or bends, a band of voltages is a wide band of charges.
    let isFirst = charge[module].isNaN
    let band = isFirst ? doubt + cell.hysteresis : doubt
    let low = self.charge(at: open - band)
    let high = self.charge(at: open + band)
    let deviation = max(5e-4, min(0.25, (high - low) / 2))
    let seen = isFirst || deviation > 0.05 ? (high + low) / 2 : self.charge(at: open)
    guard !isFirst else {
      charge[module] = seen
      variance[module] = deviation * deviation
      return
    }
    // The capacity of an aged pack is known to a quarter; the sensor's offset to half an ampere.
    // Both are the same in every window, so that deviations add up and not variances.
    let counted = (0.25 * abs(current) + 0.3) * length / cell.capacity
    let grown = min(0.3, variance[module].squareRoot() + counted)
    let before = grown * grown
    let noise = deviation * deviation * max(1, 600 / length)
    let gain = before / (before + noise)
    charge[module] = min(1.04, max(-0.04, charge[module] + gain * (seen - charge[module])))
    // The doubt of the loss is the same in the next window: no more is learnt of it.
    let least = 0.5 * deviation * deviation
    variance[module] = max(min(before, least), before * (1 - gain))
  }

  /// State of charge of a voltage, beyond the ends of the curve as well.
  func charge(at voltage: Double) -> Double {
    if voltage > top { return 1 + (voltage - top) / 1.5 }
    if voltage < bottom { return (voltage - bottom) / 20 }
    return cell.openCircuit.charge(at: voltage)
  }
}

// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What can keep parameters from being identified.

/// What can keep parameters from being identified.
public enum IdentificationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A recording has fewer usable samples than are needed.
  case tooFewSamples(recording: String, count: Int, needed: Int)
  /// The voltage rises when the discharge current rises.
  case wrongSign(recording: String)
  /// A recording lacks a quantity.
  case missingColumn(recording: String, quantity: String)
  /// The median temperature is that of no cell.
  case implausibleTemperature(recording: String, kelvin: Double)
  /// The voltage does not move when the current does.
  case constantVoltage(recording: String, voltage: Double, currentSpan: Double)
  /// Two recordings are the same.
  case givenTwice(recording: String, other: String)
  /// A recording to test on is one of those that are fitted.
  case testIsFitted(recording: String)
  /// A recording moves more charge than the slow test says the cell holds, both in coulombs.
  case chargeMismatch(recording: String, moved: Double, slow: String, capacity: Double)
  /// The best fit is off by more than any cell of these recordings can be, both in volts.
  case poorFit(rootMeanSquare: Double, limit: Double)
  /// Nothing to select by the pattern.
  case noTable(file: String, pattern: String, tables: [String])
  /// No recording discharges the cell slowly from full to empty.
  case noOpenCircuitTest(longestHours: Double)
  /// No recording tells the capacity and the open-circuit voltage.
  case noStartingPoint(reason: String)
  /// The recordings hold no change of current that a resistance could be read from.
  case noExcitation(steps: Int, needed: Int)
  /// The base set cannot be fitted.
  case unsuitableBase(name: String, reason: String)
  /// The equations have no unique solution.
  case notDetermined(what: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .tooFewSamples(let recording, let count, let needed):
      "\(recording): samples with time, current and voltage that can be used: \(count); at least "
        + "\(needed) are needed"
    case .wrongSign(let recording):
      "\(recording): the voltage rises with the discharge current, so the sign of the current is "
        + "reversed; name the column with a minus, for example --columns 'current=-I[A]'"
    case .missingColumn(let recording, let quantity):
      "\(recording): no column of \(quantity) is recognised; name it with --columns"
    case .implausibleTemperature(let recording, let kelvin):
      "\(recording): the median temperature is \(Self.rounded(kelvin - 273.15)) °C, and -60 to "
        + "150 °C are plausible; name the column with its unit, for example "
        + "--columns 'cell_temperature=T[K]'"
    case .constantVoltage(let recording, let voltage, let span):
      "\(recording): the voltage stays at \(Self.rounded(voltage, 1e3)) V while the current changes "
        + "by \(Self.rounded(span, 1e3)) A; name the column of the voltage with --columns"
    case .givenTwice(let recording, let other):
      recording == other
        ? "\(recording) is given twice; give each recording once, or intervals come out too narrow"
        : "\(recording) and \(other) hold the same samples; give each recording once, or intervals "
          + "come out too narrow"
    case .testIsFitted(let recording):
      "\(recording) is fitted, so its error says nothing; give --validate a recording that is not"
    case .chargeMismatch(let recording, let moved, let slow, let capacity):
      "\(recording): moves \(Self.rounded(moved / 3_600, 1e3)) Ah, but the slow test \(slow) says "
        + "that the cell holds \(Self.rounded(capacity / 3_600, 1e3)) Ah; check the unit of the "
        + "current of both, and that the slow test runs from full to empty"
    case .poorFit(let found, let limit):
      "the best fit is off by \(Self.rounded(1e3 * found)) mV rms, more than the "
        + "\(Self.rounded(1e3 * limit)) mV that recordings of one cell allow; check that all are of "
        + "one cell, and the units and signs of their columns"
    case .noTable(let file, let pattern, let tables):
      "\(file): no table matches '\(pattern)'; there are \(tables.joined(separator: ", "))"
    case .noOpenCircuitTest(let hours):
      "no recording discharges the cell from full to empty in 8 hours or more (the longest discharge "
        + "without a break takes \(Self.rounded(hours)) h); add a C/20 test, or check the unit of "
        + "its time"
    case .noStartingPoint(let reason):
      "capacity and open-circuit voltage cannot be told: \(reason); add a C/20 test or a pulse "
        + "test from full to empty with rests of 20 minutes or more"
    case .noExcitation(let steps, let needed):
      "the recordings hold \(steps) jumps of the current above C/10; \(needed) are needed: add a "
        + "pulse test, or check the unit of its current"
    case .unsuitableBase(let name, let reason):
      "the set \(name) cannot be the base of a single-particle model: \(reason); choose another "
        + "with --base"
    case .notDetermined(let what): "the data do not determine \(what)"
    }
  }

  private static func rounded(_ value: Double, _ scale: Double = 10) -> Double {
    (value * scale).rounded() / scale
  }
}

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
      "\(recording): \(count) usable samples with time, current and voltage; \(needed) are needed"
    case .wrongSign(let recording):
      "\(recording): the voltage rises with the discharge current, so the sign of the current is "
        + "reversed; name the column with a minus, for example --columns 'current=-I[A]'"
    case .missingColumn(let recording, let quantity):
      "\(recording): no column of \(quantity) is recognised; name it with --columns"
    case .noTable(let file, let pattern, let tables):
      "\(file): no table matches '\(pattern)'; there are \(tables.joined(separator: ", "))"
    case .noOpenCircuitTest(let hours):
      "no recording discharges the cell from full to empty in 8 hours or more (the longest takes "
        + "\(Self.rounded(hours)) h); add a C/20 test"
    case .noStartingPoint(let reason):
      "capacity and open-circuit voltage cannot be told: \(reason); add a C/20 test or a pulse "
        + "test from full to empty with rests of 20 minutes or more"
    case .noExcitation(let steps, let needed):
      "the recordings hold \(steps) jumps of the current above C/10; \(needed) are needed: add a "
        + "pulse test"
    case .unsuitableBase(let name, let reason):
      "the set \(name) cannot be the base of a single-particle model: \(reason); choose another "
        + "with --base"
    case .notDetermined(let what): "the data do not determine \(what)"
    }
  }

  private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

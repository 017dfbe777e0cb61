// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One step of an experiment in the words people use.

/// One step of an experiment, such as `Discharge at 1C until 2.5 V`.
public struct ExperimentStep: Hashable, Sendable {
  /// What is imposed.
  public enum Drive: Hashable, Sendable {
    /// Current in amperes; discharge is positive.
    case current(Double)
    /// Current in multiples of the nominal capacity per hour; discharge is positive.
    case rate(Double)
    /// Power in watts; discharge is positive.
    case power(Double)
    /// Terminal voltage in volts.
    case voltage(Double)
    /// No current.
    case rest
  }

  /// Where a step ends before its duration.
  public enum Stop: Hashable, Sendable {
    /// At a terminal voltage, in volts.
    case voltage(Double)
    /// Where the size of the current falls to this many amperes.
    case current(Double)
    /// Where the size of the current falls to this multiple of the capacity per hour.
    case rate(Double)
  }

  /// The words.
  public let text: String
  /// What is imposed.
  public let drive: Drive
  /// Longest duration in seconds; nil where the words give none.
  public let duration: Double?
  /// Where the step ends before.
  public let stop: Stop?

  /// Duration of steps whose words give none, in seconds: a day.
  public static let longestDuration = 86_400.0

  /// Understands a step.
  ///
  /// - Parameter text: `Charge` or `Discharge at` a current (`2 A`, `500 mA`), a rate (`1C`,
  ///   `C/2`) or a power (`10 W`); `Hold at` a voltage; `Rest`; then `for` a time (`30 minutes`),
  ///   `until` a voltage or current, or both joined by `or`.
  /// - Throws: ``ExperimentError`` naming the word that is not understood and what is allowed.
  public init(_ text: String) throws(ExperimentError) {
    var reader = ExperimentReader(text)
    self.text = reader.words.joined(separator: " ")
    drive = try reader.readDrive()
    let clauses = try reader.readClauses(drive)
    duration = clauses.duration
    stop = clauses.stop
  }

  /// The control for a cell.
  ///
  /// - Parameter nominalCapacity: In coulombs.
  /// - Returns: What is imposed.
  public func control(nominalCapacity: Double) -> CellControl {
    switch drive {
    case .current(let amperes): .current(amperes)
    case .rate(let rate): .current(rate * nominalCapacity / 3_600)
    case .power(let watts): .power(watts)
    case .voltage(let volts): .voltage(volts)
    case .rest: .current(0)
    }
  }

  /// The limits for a cell: the step's own, and the cell's cut-off in the direction of the step
  /// where the step names no voltage.
  public func limits(for parameters: CellParameters) -> CellLimits {
    var limits = CellLimits()
    let forward: Bool
    switch drive {
    case .current(let value), .rate(let value), .power(let value): forward = value > 0
    case .voltage, .rest: forward = false
    }
    switch drive {
    case .current, .rate, .power:
      if forward {
        limits.lowerVoltage = parameters.lowerCutOff
      } else {
        limits.upperVoltage = parameters.upperCutOff
      }
    case .voltage, .rest: break
    }
    switch stop {
    case .voltage(let volts):
      if forward { limits.lowerVoltage = volts } else { limits.upperVoltage = volts }
    case .current(let amperes): limits.currentBelow = amperes
    case .rate(let rate): limits.currentBelow = rate * parameters.nominalCapacity / 3_600
    case nil: break
    }
    return limits
  }
}

/// A step that is not understood.
public struct ExperimentError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The step as given.
  public let text: String
  /// The word that is not understood; empty at the end of the text.
  public let word: String
  /// What is allowed there.
  public let allowed: String

  /// One line that names the word and says what is allowed.
  public var description: String {
    let place = word.isEmpty ? "something is missing at the end" : "\"\(word)\" is not understood"
    return "experiment step \"\(text)\": \(place); allowed: \(allowed)"
  }
}

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
    /// A current or power over time.
    case profile(DriveProfile)
    /// The surroundings come to a temperature, in kelvin; takes no time.
    case ambient(Double)
  }

  /// Where a step ends before its duration.
  public enum Stop: Hashable, Sendable {
    /// At a terminal voltage, in volts.
    case voltage(Double)
    /// Where the size of the current falls to this many amperes.
    case current(Double)
    /// Where the size of the current falls to this multiple of the capacity per hour.
    case rate(Double)
    /// Where the temperature rises to this many kelvin.
    case temperature(Double)
  }

  /// The words.
  public let text: String
  /// What is imposed.
  public let drive: Drive
  /// Longest duration in seconds; nil where the words give none.
  public let duration: Double?
  /// Where the step ends before.
  public let stop: Stop?
  /// Ambient temperature during the step alone, in kelvin; nil for that of the experiment.
  public let ambient: Double?
  /// Spacing of recorded times that the words ask for, in seconds; nil for that of the experiment.
  public let interval: Double?

  /// Duration of steps whose words give none, in seconds: a day.
  public static let longestDuration = 86_400.0

  /// Understands a step.
  ///
  /// - Parameters:
  ///   - text: `Charge` or `Discharge at` a current (`2 A`, `500 mA`), a rate (`1C`, `C/2`) or a
  ///     power (`10 W`); `Hold at` a voltage; `Rest`; `Follow` a file of currents or powers over
  ///     time, which may be `scaled by` a number; then `for` a time (`30 minutes`), `until` a
  ///     voltage, current or temperature, or both joined by `or`; then `at` an ambient temperature
  ///     (`10 °C`, `10 degC`, `283 K`) that holds for this step; then `(10 second period)`, the
  ///     spacing of recorded times. `Set ambient to` a temperature holds for all steps after it.
  ///   - profiles: Reads the file of a step that follows one.
  /// - Throws: ``ExperimentError`` naming the word that is not understood and what is allowed.
  public init(
    _ text: String,
    profiles: (String) throws(ExperimentError) -> DriveProfile = ExperimentStep.noProfiles
  ) throws(ExperimentError) {
    var reader = ExperimentReader(text)
    self.text = reader.tidyText
    let drive = try reader.readDrive(profiles)
    let clauses = try reader.readClauses(drive)
    self.drive = drive
    duration = clauses.duration
    stop = clauses.stop
    ambient = clauses.ambient
    interval = clauses.interval
  }

  /// A step that follows a profile to its end.
  public init(following profile: DriveProfile, text: String = "Follow the drive cycle") {
    self.text = text
    drive = .profile(profile)
    duration = nil
    stop = nil
    ambient = nil
    interval = nil
  }

  /// Refuses every file; for experiments without drive cycles.
  public static let noProfiles: @Sendable (String) throws(ExperimentError) -> DriveProfile = {
    (path: String) throws(ExperimentError) -> DriveProfile in
    throw ExperimentError(
      text: "Follow \(path)", word: path, allowed: "steps without a file",
      reason: "cannot be followed here")
  }

  /// The control for a cell.
  ///
  /// - Parameter nominalCapacity: In coulombs.
  /// - Returns: What is imposed; of a profile, what is imposed at its start.
  public func control(nominalCapacity: Double) -> CellControl {
    switch drive {
    case .current(let amperes): .current(amperes)
    case .rate(let rate): .current(rate * nominalCapacity / 3_600)
    case .power(let watts): .power(watts)
    case .voltage(let volts): .voltage(volts)
    case .rest, .ambient: .current(0)
    case .profile(let profile):
      profile.kind == .current ? .current(profile.values[0]) : .power(profile.values[0])
    }
  }

  /// The limits for a cell: the step's own, and the cell's cut-off in the direction of the step
  /// where the step names no voltage; a profile has both, and its own in the direction of its sum.
  public func limits(for parameters: CellParameters) -> CellLimits {
    var limits = CellLimits()
    let forward: Bool
    switch drive {
    case .current(let value), .rate(let value), .power(let value): forward = value > 0
    case .profile(let profile): forward = profile.integral > 0
    case .voltage, .rest, .ambient: forward = false
    }
    switch drive {
    case .current, .rate, .power:
      if forward {
        limits.lowerVoltage = parameters.lowerCutOff
      } else {
        limits.upperVoltage = parameters.upperCutOff
      }
    case .profile:
      limits.lowerVoltage = parameters.lowerCutOff
      limits.upperVoltage = parameters.upperCutOff
    case .voltage, .rest, .ambient: break
    }
    switch stop {
    case .voltage(let volts):
      if forward { limits.lowerVoltage = volts } else { limits.upperVoltage = volts }
    case .current(let amperes): limits.currentBelow = amperes
    case .rate(let rate): limits.currentBelow = rate * parameters.nominalCapacity / 3_600
    case .temperature(let kelvin): limits.temperatureAbove = kelvin
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

  /// What is wrong with the word when it is understood, such as a file that does not exist.
  public let reason: String?

  /// Creates an error.
  public init(text: String, word: String, allowed: String, reason: String? = nil) {
    self.text = text
    self.word = word
    self.allowed = allowed
    self.reason = reason
  }

  /// One line that names the word and says what is allowed.
  public var description: String {
    let place =
      word.isEmpty
      ? "something is missing at the end" : "\"\(word)\" \(reason ?? "is not understood")"
    return "experiment step \"\(text)\": \(place); allowed: \(allowed)"
  }
}

// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One frozen second, and one frozen cycle, of evidence.

/// Everything measured in one cycle, in compact integers.
public struct EvidenceSample<let cells: Int, let probes: Int>: Sendable, BitwiseCopyable {
  /// When, in milliseconds of uptime.
  public var timeMilliseconds: UInt64 = 0
  /// Cell voltages in tenths of a millivolt; 65,535 where not usable.
  public var cellVoltage: InlineArray<cells, UInt16> = InlineArray(repeating: .max)
  /// Probe temperatures in hundredths of a kelvin; 65,535 where not usable.
  public var probeTemperature: InlineArray<probes, UInt16> = InlineArray(repeating: .max)
  /// Pack current in amperes, discharge positive; NaN where not usable.
  public var current: Float = .nan
  /// String voltage, in volts; NaN where not usable.
  public var packVoltage: Float = .nan
  /// Link voltage, in volts; NaN where not usable.
  public var linkVoltage: Float = .nan
  /// Insulation resistance, in ohms; NaN where not usable.
  public var insulationResistance: Float = .nan
  /// State of charge in 0…1.
  public var stateOfCharge: Float = .nan
  /// Read back from the switches.
  public var feedback: SwitchFeedback = SwitchFeedback()
  /// Contactors commanded closed.
  public var contactors: ContactorCommand = ContactorCommand()
  /// What was asked for.
  public var request: Request = .off
  /// The highest active level.
  public var worst: FaultLevel = .within

  /// An empty sample.
  @inlinable
  public init() {}

  /// A sample of this cycle.
  ///
  /// - Complexity: O(cells + probes).
  @inlinable
  init<Real: CoreReal>(
    _ sample: inout PackSample<cells, probes, Real>, stateOfCharge: Real,
    contactors: ContactorCommand, worst: FaultLevel, at uptimeMilliseconds: UInt64
  ) {
    timeMilliseconds = uptimeMilliseconds
    for cell in 0..<cells {
      cellVoltage[cell] = Self.compact(sample.cellVoltage[cell], scale: 10_000)
    }
    for probe in 0..<probes {
      probeTemperature[probe] = Self.compact(sample.probeTemperature[probe], scale: 100)
    }
    current = Self.float(sample.current)
    packVoltage = Self.float(sample.packVoltage)
    linkVoltage = Self.float(sample.linkVoltage)
    insulationResistance = Self.float(sample.insulationResistance)
    self.stateOfCharge = Float(stateOfCharge)
    feedback = sample.feedback
    self.contactors = contactors
    request = sample.request
    self.worst = worst
  }

  @inlinable
  static func compact<Real: CoreReal>(_ reading: Measured<Real>, scale: Real) -> UInt16 {
    guard reading.isUsable, reading.value.isFinite else { return .max }
    return UInt16((reading.value * scale).rounded().clamped(0, 65_534))
  }

  @inlinable
  static func float<Real: CoreReal>(_ reading: Measured<Real>) -> Float {
    reading.isUsable ? Float(reading.value) : .nan
  }
}

/// The fast quantities of one cycle.
public struct FastSample: Sendable, BitwiseCopyable {
  /// When, in milliseconds of uptime.
  public var timeMilliseconds: UInt64 = 0
  /// Pack current in amperes, discharge positive, as read even where it is not usable.
  public var current: Float = .nan
  /// String voltage, in volts.
  public var packVoltage: Float = .nan
  /// Link voltage, in volts.
  public var linkVoltage: Float = .nan
  /// Lowest and highest usable cell voltage, in volts.
  public var lowestVoltage: Float = .nan
  /// Highest usable cell voltage, in volts.
  public var highestVoltage: Float = .nan
  /// Highest usable temperature, in kelvin.
  public var highestTemperature: Float = .nan

  /// An empty sample.
  @inlinable
  public init() {}
}

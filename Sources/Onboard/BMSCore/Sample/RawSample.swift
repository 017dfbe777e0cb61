// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What the board drivers hand over once a cycle, before any judgement.

/// One cycle's readings as the front ends deliver them, in coherent SI, discharge current positive.
///
/// NaN means "not delivered in this cycle". Nothing here is trusted: `Sensing` judges every value.
public struct RawSample<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// Time since the core started, from a monotonic clock, in milliseconds.
  public var timeMilliseconds: UInt64
  /// Cell voltages of the primary path, in volts.
  public var cellVoltage: InlineArray<cells, Real>
  /// Cell voltages of the redundant path, in volts; all NaN where there is none.
  public var redundantCellVoltage: InlineArray<cells, Real>
  /// Temperatures of the probes, in kelvin.
  public var probeTemperature: InlineArray<probes, Real>
  /// Pack current of the primary and of the redundant sensor, in amperes.
  public var current: Real
  /// Pack current of the redundant sensor, in amperes.
  public var redundantCurrent: Real
  /// Voltage of the string before, and of the link behind the main contactors, in volts.
  public var packVoltage: Real
  /// Voltage of the link behind the main contactors, in volts.
  public var linkVoltage: Real
  /// Insulation resistance between the string and the chassis, in ohms.
  public var insulationResistance: Real
  /// Coolant inlet and ambient temperature, in kelvin.
  public var coolantTemperature: Real
  /// Ambient temperature, in kelvin.
  public var ambientTemperature: Real
  /// Pressure in the housing in pascals, gas in ppm, acoustic emission in counts a second; NaN where not fitted.
  public var pressure: Real
  /// Gas in the housing, in parts per million; NaN where not fitted.
  public var gas: Real
  /// Acoustic emission, in counts a second; NaN where not fitted.
  public var acoustic: Real
  /// Errors of the measuring chain in this cycle.
  public var link: LinkFaults
  /// Read back from switches and interlock.
  public var feedback: SwitchFeedback
  /// What the vehicle or storage controller asks for.
  public var request: Request

  /// A sample in which nothing was delivered.
  @inlinable
  public init(timeMilliseconds: UInt64 = 0) {
    self.timeMilliseconds = timeMilliseconds
    cellVoltage = InlineArray(repeating: .nan)
    redundantCellVoltage = InlineArray(repeating: .nan)
    probeTemperature = InlineArray(repeating: .nan)
    current = .nan
    redundantCurrent = .nan
    packVoltage = .nan
    linkVoltage = .nan
    insulationResistance = .nan
    coolantTemperature = .nan
    ambientTemperature = .nan
    pressure = .nan
    gas = .nan
    acoustic = .nan
    link = LinkFaults()
    feedback = SwitchFeedback()
    request = .off
  }
}

/// Errors of the measuring chain in one cycle.
public struct LinkFaults: FlagSet, Hashable, Sendable, BitwiseCopyable {
  /// The flags as bits.
  public let rawValue: UInt8
  /// Values before the first cycle.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// A front-end frame failed its CRC.
  @inlinable
  public static var frontEndChecksum: LinkFaults { LinkFaults(rawValue: 1 << 0) }
  /// The front end did not answer.
  @inlinable
  public static var frontEndSilent: LinkFaults { LinkFaults(rawValue: 1 << 1) }
  /// The current sensor did not answer.
  @inlinable
  public static var currentSensorSilent: LinkFaults { LinkFaults(rawValue: 1 << 2) }
  /// The vehicle bus is silent.
  @inlinable
  public static var vehicleBusSilent: LinkFaults { LinkFaults(rawValue: 1 << 3) }
  /// Stored state failed its checksum at start.
  @inlinable
  public static var storedStateCorrupt: LinkFaults { LinkFaults(rawValue: 1 << 4) }
}

/// Read back from switches, fuse and interlock.
public struct SwitchFeedback: FlagSet, Hashable, Sendable, BitwiseCopyable {
  /// The flags as bits.
  public let rawValue: UInt8
  /// Values before the first cycle.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// The positive main contactor reads closed.
  @inlinable
  public static var positiveClosed: SwitchFeedback { SwitchFeedback(rawValue: 1 << 0) }
  /// The negative main contactor reads closed.
  @inlinable
  public static var negativeClosed: SwitchFeedback { SwitchFeedback(rawValue: 1 << 1) }
  /// The precharge contactor reads closed.
  @inlinable
  public static var prechargeClosed: SwitchFeedback { SwitchFeedback(rawValue: 1 << 2) }
  /// The fuse reads intact.
  @inlinable
  public static var fuseIntact: SwitchFeedback { SwitchFeedback(rawValue: 1 << 3) }
  /// The high-voltage interlock loop reads closed.
  @inlinable
  public static var interlockClosed: SwitchFeedback { SwitchFeedback(rawValue: 1 << 4) }
}

/// What the vehicle or storage controller asks of the battery.
public enum Request: UInt8, Sendable, BitwiseCopyable {
  /// Contactors open, awake.
  case off
  /// Asleep, woken by time or by the front end.
  case sleep
  /// Connected, standing: may be opened at any time.
  case standby
  /// Connected and moving: warn and limit torque before opening.
  case drive
  /// Connected to a charger.
  case charge
}

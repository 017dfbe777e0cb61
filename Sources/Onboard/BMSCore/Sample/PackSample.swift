// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// One cycle's measurements after judgement: every value with its quality.

/// What `Sensing` makes of a ``RawSample``: filtered, voted values, each with its quality.
public struct PackSample<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// Time since the core started, from a monotonic clock, in milliseconds.
  public var timeMilliseconds: UInt64
  /// Since the previous sample, in seconds; 0 on the first and after a jump of the clock.
  public var interval: Real
  /// Cell voltages, in volts.
  public var cellVoltage: InlineArray<cells, Measured<Real>>
  /// Probe temperatures, in kelvin.
  public var probeTemperature: InlineArray<probes, Measured<Real>>
  /// Temperature of each cell reconstructed from the probes, in kelvin.
  public var cellTemperature: InlineArray<cells, Measured<Real>>
  /// Pack current, discharge positive, in amperes.
  public var current: Measured<Real>
  /// Voltage of the string before the main contactors, in volts.
  public var packVoltage: Measured<Real>
  /// Voltage of the link behind the main contactors, in volts.
  public var linkVoltage: Measured<Real>
  /// Insulation resistance between the string and the chassis, in ohms.
  public var insulationResistance: Measured<Real>
  /// Coolant inlet temperature, in kelvin.
  public var coolantTemperature: Measured<Real>
  /// Ambient temperature, in kelvin.
  public var ambientTemperature: Measured<Real>
  /// Pressure in the housing, in pascals.
  public var pressure: Measured<Real>
  /// Gas in the housing, in parts per million; NaN where not fitted.
  public var gas: Measured<Real>
  /// Acoustic emission, in counts a second; NaN where not fitted.
  public var acoustic: Measured<Real>
  /// Errors of the measuring chain in this cycle.
  public var link: LinkFaults
  /// Read back from switches, fuse and interlock.
  public var feedback: SwitchFeedback
  /// What the vehicle or storage controller asks for.
  public var request: Request
  /// Whether the clock moved backwards or leapt since the previous sample.
  public var clockJumped: Bool

  /// Values before the first cycle.
  @inlinable
  public init() {
    timeMilliseconds = 0
    interval = 0
    cellVoltage = InlineArray(repeating: .missing)
    probeTemperature = InlineArray(repeating: .missing)
    cellTemperature = InlineArray(repeating: .missing)
    current = .missing
    packVoltage = .missing
    linkVoltage = .missing
    insulationResistance = .missing
    coolantTemperature = .missing
    ambientTemperature = .missing
    pressure = .missing
    gas = .missing
    acoustic = .missing
    link = LinkFaults()
    feedback = SwitchFeedback()
    request = .off
    clockJumped = false
  }
}

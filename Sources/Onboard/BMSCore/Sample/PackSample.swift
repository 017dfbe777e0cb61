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
  public var packVoltage: Measured<Real>
  public var linkVoltage: Measured<Real>
  public var insulationResistance: Measured<Real>
  public var coolantTemperature: Measured<Real>
  public var ambientTemperature: Measured<Real>
  public var pressure: Measured<Real>
  public var gas: Measured<Real>
  public var acoustic: Measured<Real>
  public var link: LinkFaults
  public var feedback: SwitchFeedback
  public var request: Request
  /// Whether the clock moved backwards or leapt since the previous sample.
  public var clockJumped: Bool

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
    link = []
    feedback = []
    request = .off
    clockJumped = false
  }
}

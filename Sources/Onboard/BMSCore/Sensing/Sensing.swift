// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// From readings to values with quality: the state of the measuring chain.

/// Turns readings into values with quality; holds filters, votes, calibration and health.
///
/// Any bit pattern may come in. What comes out is finite, and flagged where it cannot be believed.
public struct Sensing<let cells: Int, let probes: Int, Real: CoreReal>: Sendable {
  /// Channels of the cell voltages, primary path.
  public var cell = InlineArray<cells, Channel<Real>>(repeating: Channel())
  /// Channels of the cell voltages, redundant path.
  public var redundantCell = InlineArray<cells, Channel<Real>>(repeating: Channel())
  /// Channels of the probes.
  public var probe = InlineArray<probes, Channel<Real>>(repeating: Channel())
  /// Channel of the pack current.
  public var current = Channel<Real>()
  /// Channel of the redundant current sensor.
  public var redundantCurrent = Channel<Real>()
  /// Channel of the pack voltage.
  public var packVoltage = Channel<Real>()
  /// Channel of the link voltage.
  public var linkVoltage = Channel<Real>()
  /// Channel of the insulation resistance.
  public var insulation = Channel<Real>()
  /// Channel of the coolant temperature.
  public var coolant = Channel<Real>()
  /// Channel of the ambient temperature.
  public var ambient = Channel<Real>()
  /// Channel of the pressure.
  public var pressure = Channel<Real>()
  /// Channel of the gas sensor.
  public var gas = Channel<Real>()
  /// Channel of the acoustic sensor.
  public var acoustic = Channel<Real>()
  /// Zero of the primary current sensor.
  public var zero = ZeroCalibration<Real>()
  /// Zero of the redundant current sensor.
  public var redundantZero = ZeroCalibration<Real>()

  @usableFromInline var cellVote = InlineArray<cells, Vote<Real>>(repeating: Vote())
  @usableFromInline var currentVote = Vote<Real>()
  @usableFromInline var polarity = PolarityCheck<Real>()
  @usableFromInline var field = TemperatureField<Real>()
  @usableFromInline var hasRedundantCells = false
  @usableFromInline var hasRedundantCurrent = false
  @usableFromInline var isFirst = true
  @usableFromInline var lastMilliseconds: UInt64 = 0
  /// Mean of the usable cells in the previous cycle, in volts.
  @usableFromInline var meanVoltage: Real = .nan
  /// Sum of the mean changes of the cells usable before and after each, in volts: unlike the mean it
  /// does not move when a cell is lost or comes back.
  @usableFromInline var cellMovement: Real = 0
  /// The same, low-passed: the current belongs to the fast movement only.
  @usableFromInline var slowMovement: Real = 0
  /// The same for the probes, in kelvin.
  @usableFromInline var probeMovement: Real = 0

  /// A measuring chain that has seen nothing.
  @inlinable
  public init() {}

  /// Judges one cycle's readings.
  ///
  /// - Parameters:
  ///   - raw: What the drivers delivered.
  ///   - configuration: The measuring chain.
  ///   - isBalancing: Cells that were being balanced while these readings were taken; bit `n` of
  ///     word `n / 64`, up to 256 cells.
  ///   - sample: The result; cell temperatures that are not due in this cycle keep their value.
  /// - Complexity: O(cells + probes), and cells · probes / 8 for the temperatures.
  @inlinable
  public mutating func step(
    _ raw: inout RawSample<cells, probes, Real>,
    _ configuration: inout SensingConfiguration<cells, probes, Real>,
    isBalancing: InlineArray<4, UInt64> = InlineArray(repeating: 0),
    into sample: inout PackSample<cells, probes, Real>
  ) {
    readClock(raw.timeMilliseconds, configuration.longestIntervalMilliseconds, &sample)
    let interval = sample.interval
    stepCurrent(&raw, &configuration, interval: interval, into: &sample)
    stepCells(&raw, &configuration, interval: interval, isBalancing: isBalancing, into: &sample)
    stepProbes(&raw, &configuration, interval: interval, into: &sample)
    stepSurroundings(&raw, &configuration, interval: interval, into: &sample)
    compareSum(&configuration, into: &sample)
    polarity.step(
      current: current.quality.isEmpty ? current.accepted : .nan, voltage: cellMovement,
      interval: interval, step: configuration.polarityStep)
    if polarity.isReversed { sample.current.quality.formUnion(.swapped) }
    field.follow(sample.current, interval: interval, seconds: configuration.heatSeconds)
    field.step(&sample, &configuration, isFirst: isFirst)
    sample.link = raw.link
    sample.feedback = raw.feedback
    sample.request = raw.request
    isFirst = false
  }

  @inlinable
  mutating func readClock(
    _ now: UInt64, _ longest: UInt32, _ sample: inout PackSample<cells, probes, Real>
  ) {
    let elapsed = now &- lastMilliseconds
    let isJump = !isFirst && (now < lastMilliseconds || elapsed > UInt64(longest))
    sample.interval =
      isFirst || isJump ? 0 : Real(UInt32(truncatingIfNeeded: elapsed)) / 1000
    sample.clockJumped = isJump
    sample.timeMilliseconds = now
    lastMilliseconds = now
  }
}

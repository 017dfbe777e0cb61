// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Extremes, sums and counts of one sample, taken in one pass.

/// Extremes, sums and counts over the usable values of a sample.
public struct PackFeatures<Real: CoreReal>: Sendable, BitwiseCopyable {
  /// Highest usable cell voltage, in volts, with its cell.
  public var highestVoltage: Indicator<Real> = .unknown
  /// Lowest usable cell voltage, in volts, with its cell.
  public var lowestVoltage: Indicator<Real> = .unknown
  /// Sum of the usable cell voltages, in volts.
  public var voltageSum: Real = 0
  /// Number of usable cell voltages.
  public var usableCells = 0
  /// Highest usable probe temperature, in kelvin, with its probe.
  public var highestTemperature: Indicator<Real> = .unknown
  /// Lowest usable probe temperature, in kelvin, with its probe.
  public var lowestTemperature: Indicator<Real> = .unknown
  /// Mean of the usable probe temperatures, in kelvin; NaN without any.
  public var meanTemperature: Real = .nan
  /// Number of usable probes.
  public var usableProbes = 0
  /// Union of all quality flags of cells, probes and current.
  public var flags: Quality = Quality()

  /// Mean of the usable cell voltages, in volts; NaN without any.
  @inlinable
  public var meanVoltage: Real { usableCells > 0 ? voltageSum / Real(usableCells) : .nan }

  /// Features of no sample.
  @inlinable
  public init() {}

  /// Features of a sample.
  ///
  /// - Complexity: O(cells + probes).
  @inlinable
  public init<let cells: Int, let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>
  ) {
    var high = -Real.infinity
    var low = Real.infinity
    var highAt = -1
    var lowAt = -1
    for cell in 0..<cells {
      let reading = sample.cellVoltage[cell]
      flags.formUnion(reading.quality)
      guard reading.isUsable, reading.value.isFinite else { continue }
      usableCells += 1
      voltageSum += reading.value
      if reading.value > high { (high, highAt) = (reading.value, cell) }
      if reading.value < low { (low, lowAt) = (reading.value, cell) }
    }
    if highAt >= 0 {
      highestVoltage = Indicator(high, at: highAt)
      lowestVoltage = Indicator(low, at: lowAt)
    }
    fillTemperatures(&sample)
    flags.formUnion(sample.current.quality)
  }

  @inlinable
  mutating func fillTemperatures<let cells: Int, let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>
  ) {
    var high = -Real.infinity
    var low = Real.infinity
    var highAt = -1
    var lowAt = -1
    var sum: Real = 0
    for probe in 0..<probes {
      let reading = sample.probeTemperature[probe]
      flags.formUnion(reading.quality)
      guard reading.isUsable, reading.value.isFinite else { continue }
      usableProbes += 1
      sum += reading.value
      if reading.value > high { (high, highAt) = (reading.value, probe) }
      if reading.value < low { (low, lowAt) = (reading.value, probe) }
    }
    guard highAt >= 0 else { return }
    highestTemperature = Indicator(high, at: highAt)
    lowestTemperature = Indicator(low, at: lowAt)
    meanTemperature = sum / Real(usableProbes)
  }

  /// How many channels carry a flag, and the first of them.
  ///
  /// Channels count cells first, then probes, then the current, then the string voltage.
  ///
  /// - Complexity: O(cells + probes).
  @inlinable
  static func channels<let cells: Int, let probes: Int>(
    with flag: Quality, in sample: inout PackSample<cells, probes, Real>
  ) -> Indicator<Real> {
    var count = 0
    var first = -1
    func note(_ quality: Quality, _ channel: Int) {
      guard !quality.isDisjoint(with: flag) else { return }
      count += 1
      if first < 0 { first = channel }
    }
    for cell in 0..<cells { note(sample.cellVoltage[cell].quality, cell) }
    for probe in 0..<probes { note(sample.probeTemperature[probe].quality, cells + probe) }
    note(sample.current.quality, cells + probes)
    note(sample.packVoltage.quality, cells + probes + 1)
    return Indicator(Real(count), at: first)
  }
}

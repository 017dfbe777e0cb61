// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Votes of several modalities for a thermal event.

/// Which modality votes for a thermal event.
public struct ThermalVotes: FlagSet, Hashable, Sendable, BitwiseCopyable {
  /// The votes as bits.
  public let rawValue: UInt8
  /// A set of votes.
  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  /// A temperature above the largest working temperature.
  @inlinable
  public static var temperature: ThermalVotes { ThermalVotes(rawValue: 1 << 0) }
  /// A temperature that rises too fast.
  @inlinable
  public static var slope: ThermalVotes { ThermalVotes(rawValue: 1 << 1) }
  /// A cell voltage that drops against its siblings.
  @inlinable
  public static var voltage: ThermalVotes { ThermalVotes(rawValue: 1 << 2) }
  /// Pressure above its slow mean.
  @inlinable
  public static var pressure: ThermalVotes { ThermalVotes(rawValue: 1 << 3) }
  /// Gas.
  @inlinable
  public static var gas: ThermalVotes { ThermalVotes(rawValue: 1 << 4) }
  /// Acoustic emission.
  @inlinable
  public static var acoustic: ThermalVotes { ThermalVotes(rawValue: 1 << 5) }
}

/// Counts the modalities that see a thermal event; two that agree are one.
///
/// One alone is recorded: a broken probe cannot open the contactors. Criteria of temperature, slope
/// and voltage: GB 38031-2025, annex C.
public struct ThermalEvent<let cells: Int, Real: CoreReal>: Sendable {
  @usableFromInline var offset: InlineArray<cells, Real> = InlineArray(repeating: .nan)
  @usableFromInline var pressureMean: Real = .nan
  /// The votes of the last cycle.
  public var votes: ThermalVotes = ThermalVotes()

  /// No history.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Parameters:
  ///   - sample: The sample.
  ///   - features: Its features.
  ///   - slope: The steepest rise of a temperature, in kelvin per second.
  ///   - interval: Duration of the cycle, in seconds.
  ///   - settings: The settings of the detectors.
  /// - Returns: Number of votes with the cell or probe of the strongest.
  /// - Complexity: O(cells).
  @inlinable
  public mutating func advance<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, features: PackFeatures<Real>,
    slope: Indicator<Real>, interval: Real, settings: DetectorSettings<Real>
  ) -> Indicator<Real> {
    votes = ThermalVotes()
    var place = -1
    if features.highestTemperature.value > settings.eventTemperature {
      votes.insert(.temperature)
      place = Int(features.highestTemperature.index)
    }
    if slope.value >= settings.eventSlope {
      votes.insert(.slope)
      place = Int(slope.index)
    }
    let drop = voltageDrop(&sample, features: features, interval: interval)
    if drop.value > settings.eventVoltageDrop {
      votes.insert(.voltage)
      place = Int(drop.index)
    }
    if sample.pressure.isUsable, sample.pressure.value.isFinite {
      if pressureMean.isNaN { pressureMean = sample.pressure.value }
      let rise = sample.pressure.value - pressureMean
      if rise > settings.eventPressure { votes.insert(.pressure) }
      pressureMean += interval / (600 + interval) * rise
    }
    if sample.gas.isUsable, sample.gas.value > settings.eventGas { votes.insert(.gas) }
    if sample.acoustic.isUsable, sample.acoustic.value > settings.eventAcoustic {
      votes.insert(.acoustic)
    }
    return Indicator(Real(votes.rawValue.nonzeroBitCount), at: place)
  }

  /// The largest sudden drop of a cell against the mean, as a share of the mean.
  @inlinable
  mutating func voltageDrop<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, features: PackFeatures<Real>,
    interval: Real
  ) -> Indicator<Real> {
    guard features.usableCells > 2 else { return .unknown }
    // Mean without the lowest cell, which may be the one that fails.
    let mean =
      (features.voltageSum - features.lowestVoltage.value) / Real(features.usableCells - 1)
    guard mean > 0 else { return .unknown }
    let gain = interval / (120 + interval)
    var largest = Indicator<Real>.unknown
    for cell in 0..<cells {
      let reading = sample.cellVoltage[cell]
      guard reading.isUsable, reading.value.isFinite else { continue }
      let distance = mean - reading.value
      if offset[cell].isNaN { offset[cell] = distance }
      let sudden = (distance - offset[cell]) / mean
      offset[cell] += gain * (distance - offset[cell])
      if !(sudden <= largest.value) { largest = Indicator(sudden, at: cell) }
    }
    return largest
  }
}

// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A cell that suddenly loses voltage against its siblings, under any load.

/// How far each cell has fallen against the mean of the others, load and slow drift taken out.
///
/// The difference of a cell from the others is modelled as b + r·I: an offset b that follows within
/// `time` seconds and a difference of resistance r learnt from the steps of the current. What
/// remains below that is a sudden drop: a hard internal short, a lost parallel cell, a tab that tears.
///
/// Not judged where healthy cells part quickly by themselves: under discharge near the lower end of
/// the voltage window, under charge near its upper end.
public struct SiblingDrop<let cells: Int, Real: CoreReal>: Sendable {
  @usableFromInline var offset: InlineArray<cells, Real> = InlineArray(repeating: .nan)
  @usableFromInline var resistance: InlineArray<cells, Real> = InlineArray(repeating: 0)
  @usableFromInline var previous: InlineArray<cells, Real> = InlineArray(repeating: 0)
  @usableFromInline var square: Real = 0
  @usableFromInline var current: Real = .nan

  /// No history.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Parameters:
  ///   - sample: The sample.
  ///   - features: Its features.
  ///   - interval: Duration of the cycle, in seconds.
  ///   - configuration: The table, for the voltage window, capacity and time constant.
  /// - Returns: The largest drop in volts with its cell; unknown with fewer than three usable cells
  ///   or without a usable current.
  /// - Complexity: O(cells).
  @inlinable
  public mutating func advance<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, features: PackFeatures<Real>, interval: Real,
    configuration: inout DiagnosisConfiguration<Real>
  ) -> Indicator<Real> {
    guard features.usableCells > 2, sample.current.isUsable, sample.current.value.isFinite else {
      current = .nan
      return .unknown
    }
    let step = sample.current.value - current
    // Small steps teach noise; half the one-hour current squared stands for no knowledge at first.
    let hourly = configuration.facts.capacityAmpereHours
    let learns = step.magnitude >= 0.05 * hourly
    if learns { square = 0.99 * square + step * step }
    let weight = square + 0.25 * hourly * hourly
    let time = configuration.settings.dropSeconds
    current = sample.current.value
    // A drop must not pull its own reference along: the mean leaves the lowest cell out.
    let lowest = features.lowestVoltage.value
    let mean = (features.voltageSum - lowest) / Real(features.usableCells - 1)
    let gain = interval / (time + interval)
    var largest = Indicator<Real>.unknown
    for cell in 0..<cells {
      let reading = sample.cellVoltage[cell]
      guard reading.isUsable, reading.value.isFinite else {
        offset[cell] = .nan
        continue
      }
      let distance = mean - reading.value
      if offset[cell].isNaN {
        offset[cell] = distance - resistance[cell] * current
        previous[cell] = distance
      }
      if learns {
        let change = distance - previous[cell]
        let error = change - resistance[cell] * step
        resistance[cell] = (resistance[cell] + step * error / weight).finite(or: 0)
      }
      previous[cell] = distance
      let drop = distance - resistance[cell] * current - offset[cell]
      offset[cell] += gain * drop
      if !(drop <= largest.value) { largest = Indicator(drop, at: cell) }
    }
    return isJudged(features, &configuration) ? largest : .unknown
  }

  @inlinable
  mutating func isJudged(
    _ features: PackFeatures<Real>, _ configuration: inout DiagnosisConfiguration<Real>
  ) -> Bool {
    let least = configuration.settings.restRate * configuration.facts.capacityAmpereHours
    let low = configuration[.cellUnderVoltage].limit.operating + 0.3
    let high = configuration[.cellOverVoltage].limit.operating - 0.15
    // A cell that has just dropped must not hide behind its own voltage: the mean decides.
    if current > least, features.meanVoltage < low { return false }
    return !(current < -least && features.highestVoltage.value > high)
  }
}

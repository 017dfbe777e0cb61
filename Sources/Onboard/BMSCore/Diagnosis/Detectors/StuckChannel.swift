// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Finds a cell channel that does not move while its siblings do.

/// How far the mean of all cells has moved since each cell's own reading last changed.
public struct StuckChannel<let cells: Int, Real: CoreReal>: Sendable {
  @usableFromInline var own: InlineArray<cells, Real> = InlineArray(repeating: .nan)
  @usableFromInline var mean: InlineArray<cells, Real> = InlineArray(repeating: 0)

  /// No history.
  @inlinable
  public init() {}

  /// Advances by one cycle.
  ///
  /// - Returns: The largest excursion of the mean, in volts, without an answer of the cell named.
  /// - Complexity: O(cells).
  @inlinable
  public mutating func advance<let probes: Int>(
    _ sample: inout PackSample<cells, probes, Real>, features: PackFeatures<Real>,
    settings: DetectorSettings<Real>
  ) -> Indicator<Real> {
    let present = features.meanVoltage
    guard present.isFinite, features.usableCells > 2 else { return .unknown }
    var worst = Indicator<Real>.unknown
    for cell in 0..<cells {
      let reading = sample.cellVoltage[cell]
      guard reading.isUsable, reading.value.isFinite else {
        own[cell] = .nan
        continue
      }
      if !((reading.value - own[cell]).magnitude < settings.channelStep) {
        own[cell] = reading.value
        mean[cell] = present
      }
      let excursion = (present - mean[cell]).magnitude
      if !(excursion <= worst.value) { worst = Indicator(excursion, at: cell) }
    }
    return worst
  }
}

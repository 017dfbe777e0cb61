// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// A sign of life of every estimator.

/// How often every estimator has run, counted inside each of them.
///
/// One counter for all would go on counting when the call of one is lost. Where an estimator exists
/// once a cell, the cell that ran least counts.
public struct EstimatorBeats: Sendable, BitwiseCopyable {
  /// The estimators in their order here and as index of an estimatorDead trip.
  public enum Part: Int, Sendable {
    /// Counting of charge.
    case counting
    /// Filter of the average cell.
    case average
    /// Difference filters of the cells.
    case cells
    /// Core temperatures.
    case cores
    /// Capacity.
    case capacity
    /// Resistance from steps.
    case resistance
    /// Limits of power and remaining energy.
    case limits
  }

  /// Number of estimators.
  @inlinable
  public static var count: Int { 7 }

  /// Runs of each, wrapping.
  public var runs = InlineArray<7, UInt32>(repeating: 0)

  /// None has run.
  @inlinable
  public init() {}

  /// Every counter one further: for tests and for estimates made elsewhere.
  @inlinable
  public mutating func countAll() {
    for part in 0..<7 { runs[part] = runs[part] &+ 1 }
  }
}

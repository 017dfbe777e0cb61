// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What can keep a numerical method from an answer.

/// What can keep a numerical method from an answer.
public enum NumericalError: Error, Hashable, Sendable {
  /// A matrix that must be invertible is singular to working precision; `pivot` names the column.
  case singular(pivot: Int)
  /// Fewer data than unknowns.
  case tooFewData(count: Int, needed: Int)
  /// An input or function value is NaN or infinite.
  case notFinite
  /// The function has the same sign at both ends of the interval.
  case noSignChange(lower: Double, upper: Double)
  /// The limit of iterations was reached.
  case notConverged(iterations: Int)
}

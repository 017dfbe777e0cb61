// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Open and exchanged sense wires, told by the pattern they leave in neighbouring cells.

/// What open and exchanged sense wires do to the readings of neighbouring cells.
///
/// A sense wire lies between two cells. If it is open, one neighbour loses what the other gains: one
/// reads near nothing, the other near twice a cell. If two neighbouring wires are exchanged, the
/// cell between them reads with the wrong sign and both its neighbours read near twice a cell. A
/// cell that is really empty or shorted leaves its neighbours alone.
@usableFromInline
enum WirePatterns {
  /// The flags of one cell from its reading and those of its neighbours.
  ///
  /// - Parameters:
  ///   - here: Reading of the cell, in volts.
  ///   - below: Reading of the cell before it; NaN at the end.
  ///   - above: Reading of the cell after it; NaN at the end.
  ///   - typical: Mean of the believed cells, in volts; NaN for none.
  ///   - share: Tolerance as a share of `typical`.
  /// - Returns: `openWire`, `swapped` or nothing.
  @inlinable
  static func flags<Real: CoreReal>(
    _ here: Real, below: Real, above: Real, typical: Real, share: Real
  ) -> Quality {
    guard typical > 0.5 else { return Quality() }
    let half = typical / 2
    let doubled = typical * (2 - 5 * share)
    if here < -half { return .swapped }
    if here > doubled {
      if below < -half || above < -half { return .swapped }
      if below < half || above < half { return .openWire }
    }
    if here < half && (below > doubled || above > doubled) { return .openWire }
    return Quality()
  }

  /// Whether two neighbouring channels of one path show each other's cell of the other path.
  @inlinable
  static func areExchanged<Real: CoreReal>(
    first: Real, second: Real, redundantFirst: Real, redundantSecond: Real, limit: Real
  ) -> Bool {
    (first - redundantSecond).magnitude <= limit && (second - redundantFirst).magnitude <= limit
      && (first - redundantFirst).magnitude > limit
      && (second - redundantSecond).magnitude > limit
  }
}

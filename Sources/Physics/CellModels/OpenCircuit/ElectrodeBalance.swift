// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// How two electrodes share the lithium of a cell: the window of stoichiometries.

/// The stoichiometries of both electrodes at the ends of a cell's state of charge.
///
/// The full-cell open-circuit voltage is `U₊(y(z)) − U₋(x(z))` with both stoichiometries linear in
/// the state of charge `z`, since both electrodes exchange the same charge.
public struct ElectrodeBalance: Hashable, Sendable {
  /// Stoichiometry of the negative electrode in the empty and the full cell.
  public let negative: (empty: Double, full: Double)
  /// Stoichiometry of the positive electrode in the empty and the full cell.
  public let positive: (empty: Double, full: Double)

  /// Creates a balance.
  public init(
    negative: (empty: Double, full: Double), positive: (empty: Double, full: Double)
  ) {
    self.negative = negative
    self.positive = positive
  }

  /// Stoichiometry of the negative electrode at a state of charge.
  public func negativeStoichiometry(at stateOfCharge: Double) -> Double {
    negative.empty + stateOfCharge * (negative.full - negative.empty)
  }

  /// Stoichiometry of the positive electrode at a state of charge.
  public func positiveStoichiometry(at stateOfCharge: Double) -> Double {
    positive.empty + stateOfCharge * (positive.full - positive.empty)
  }

  /// The full-cell open-circuit voltage on a uniform grid of the state of charge.
  ///
  /// - Parameters:
  ///   - count: Number of grid points.
  ///   - positivePotential: Open-circuit potential of the positive electrode in volts.
  ///   - negativePotential: Open-circuit potential of the negative electrode in volts.
  /// - Returns: The curve.
  public func openCircuitCurve(
    count: Int, positivePotential: (Double) -> Double, negativePotential: (Double) -> Double
  ) -> MonotoneCurve {
    MonotoneCurve(count: count) { stateOfCharge in
      positivePotential(positiveStoichiometry(at: stateOfCharge))
        - negativePotential(negativeStoichiometry(at: stateOfCharge))
    }
  }

  /// Whether both balances have the same stoichiometries.
  public static func == (lhs: ElectrodeBalance, rhs: ElectrodeBalance) -> Bool {
    lhs.negative == rhs.negative && lhs.positive == rhs.positive
  }

  /// Hashes the four stoichiometries.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(negative.empty)
    hasher.combine(negative.full)
    hasher.combine(positive.empty)
    hasher.combine(positive.full)
  }
}

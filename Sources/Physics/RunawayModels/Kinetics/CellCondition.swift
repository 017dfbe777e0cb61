// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// What charge, lithiation and ageing make of a cell's initial contents.

/// The condition of a cell before a test: charge and ageing.
public struct CellCondition: Hashable, Sendable {
  /// State of charge as a fraction; above 1 for an overcharged cell.
  public var stateOfCharge: Double
  /// Part of the lithium inventory that ageing has bound.
  public var lithiumLoss: Double
  /// Thickness of the interphase relative to a fresh cell.
  public var interphaseGrowth: Double
  /// Lithium plated on the anode, as a part of the capacity.
  public var platedLithium: Double

  /// Creates a condition; the default is a fresh cell, fully charged.
  public init(
    stateOfCharge: Double = 1, lithiumLoss: Double = 0, interphaseGrowth: Double = 1,
    platedLithium: Double = 0
  ) {
    self.stateOfCharge = stateOfCharge
    self.lithiumLoss = lithiumLoss
    self.interphaseGrowth = interphaseGrowth
    self.platedLithium = platedLithium
  }

  /// Lithium that a cell called empty keeps in its anode, as a part of the capacity: its voltage is
  /// that of the lower limit, not zero. Below it voltage falls to zero with what reactions and shorts
  /// use up.
  public static let emptyReserve = 0.02

  /// A fresh cell, fully charged.
  public static let fresh = CellCondition()
}

extension ReactionKernel {
  /// Contents of a cell in a condition.
  ///
  /// Lithium in the anode and charged cathode are proportional to the state of charge of what
  /// ageing has left (`charge·(1 − lithium loss)`); interphase and barrier grow with thickness, as
  /// a thicker film holds more metastable material and hinders electrons more; plated lithium is
  /// counted in units of the fresh anode content, so that both release the same heat for a mole.
  ///
  /// - Parameter condition: State of charge and ageing.
  /// - Returns: `[contentCount]` contents.
  public func initialContents(_ condition: CellCondition) -> [Double] {
    let charge = max(0, condition.stateOfCharge) * max(0, 1 - condition.lithiumLoss)
    let anode = zip(roles, freshContents).first { $0.0 == .anodeLithium }?.1 ?? 1
    return zip(roles, freshContents).map { role, fresh in
      switch role {
      case .anodeLithium: fresh * charge
      case .chargedCathode: fresh * min(1.1, charge)
      case .interphase, .barrier: fresh * max(0, condition.interphaseGrowth)
      case .platedLithium: anode * max(0, condition.platedLithium)
      case .electrolyte, .separator, .other: fresh
      }
    }
  }
}

// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Dry-out by solvent that film growth consumes.

/// Dry-out by the ethylene carbonate that film growth consumes.
///
/// Each film molecule takes two molecules of ethylene carbonate out of the electrolyte, while the
/// film takes its own volume out of the pores. An excess outside of the stack flows in first; then
/// the share of the electrodes that stays wet is the volume of electrolyte over that of the pores,
/// and the rest no longer takes part. The concentration of ethylene carbonate falls as well,
/// which slows the growth.
///
/// - Reference: Li, O'Kane, Marinescu & Offer (2022), doi:10.1149/1945-7111/ac6f84.
public struct SolventConsumption: ElectrolyteLoss {
  /// Volume of electrolyte outside of the pores at the start, relative to that of the pores.
  public var excess: Double
  /// Ethylene carbonate per film molecule: 2 for lithium ethylene dicarbonate and ethylene.
  public var solventPerMolecule = 2.0
  /// Volume per mole of ethylene carbonate, in m³/mol: 88.06 g/mol over 1.32 g/cm³.
  public var solventMolarVolume = 6.67e-5

  /// Creates the law.
  ///
  /// - Parameter excess: Volume of electrolyte outside of the pores at the start, relative to the
  ///   volume of the pores; not negative.
  public init(excess: Double = 0) {
    self.excess = excess
  }

  /// What is left of the electrolyte by this law.
  public func remainder(_ balance: ElectrolyteBalance) -> ElectrolyteRemainder {
    var result = ElectrolyteRemainder()
    let fresh = balance.freshPores * (1 + excess)
    let taken = solventPerMolecule * balance.filmMolecules
    let left = max(0.01 * fresh, fresh - solventMolarVolume * taken)
    let pores = max(0.01 * balance.freshPores, balance.freshPores - balance.solids)
    let molecules = balance.freshSolvent * fresh
    result.solvent = max(0, 1 - taken / molecules) * fresh / left
    if left < pores {
      result.wetFraction = left / pores
      result.byMolecules = -solventPerMolecule * solventMolarVolume / pores
      result.bySolids = left / (pores * pores)
    }
    return result
  }
}

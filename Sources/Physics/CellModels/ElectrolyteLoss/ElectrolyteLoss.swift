// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Loss of electrolyte: what all laws share.

/// Electrolyte that film growth consumes, per area of electrode.
public struct ElectrolyteBalance: Hashable, Sendable {
  /// Volume of the pores of the fresh cell, in m³/m².
  public var freshPores: Double
  /// Film molecules formed since the start, in mol/m².
  public var filmMolecules: Double
  /// Volume of solids grown into the pores since the start, in m³/m².
  public var solids: Double
  /// Concentration of ethylene carbonate in the fresh electrolyte, in mol/m³.
  public var freshSolvent: Double

  /// Creates a balance.
  public init(
    freshPores: Double, filmMolecules: Double = 0, solids: Double = 0, freshSolvent: Double
  ) {
    self.freshPores = freshPores
    self.filmMolecules = filmMolecules
    self.solids = solids
    self.freshSolvent = freshSolvent
  }
}

/// What is left of the electrolyte.
public struct ElectrolyteRemainder: Hashable, Sendable {
  /// Share of the electrode that is still wet, 0 to 1.
  public var wetFraction = 1.0
  /// Derivative of the wet share by the film molecules, in m²/mol.
  public var byMolecules = 0.0
  /// Derivative of the wet share by the volume of solids in the pores, in m²/m³.
  public var bySolids = 0.0
  /// Concentration of ethylene carbonate relative to fresh electrolyte.
  public var solvent = 1.0

  /// An electrode that is all wet with fresh electrolyte.
  public init() {}
}

/// A law of what the consumption of solvent does to the wetting of the electrodes.
public protocol ElectrolyteLoss: Sendable {
  /// What is left of the electrolyte.
  func remainder(_ balance: ElectrolyteBalance) -> ElectrolyteRemainder
}

/// The laws of electrolyte loss.
public enum ElectrolyteLossLaw: Hashable, Sendable {
  /// The electrodes stay wet.
  case none
  /// Film growth consumes solvent, and the pores dry out once the given excess of electrolyte,
  /// relative to the volume of the pores, is used up.
  case solventConsumption(excess: Double)

  /// The law.
  public var loss: any ElectrolyteLoss {
    switch self {
    case .none: NoElectrolyteLoss()
    case .solventConsumption(let excess): SolventConsumption(excess: excess)
    }
  }
}

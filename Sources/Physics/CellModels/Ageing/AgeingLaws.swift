// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The laws of ageing of a cell with the parameters they need.

/// The laws of ageing of a cell: of its places, and of the cell as a whole.
struct AgeingLaws: Sendable {
  let negative: LocalAgeing
  let positive: LocalAgeing
  /// The second material of the negative electrode; nil without.
  let second: LocalAgeing?
  let electrolyteLoss: any ElectrolyteLoss
  let selfDischarge: any SelfDischarge
  let gas: any GasGeneration
  let grows: Bool
  let plates: Bool
  let cracks: Bool
  let dries: Bool
  let leaks: Bool
  /// Fresh balance of the electrolyte.
  let balance: ElectrolyteBalance

  init(_ options: AgeingOptions, _ parameters: CellParameters) {
    let n = parameters.negative
    let p = parameters.positive
    let s = parameters.separator
    negative = LocalAgeing(options, n, parameters, isNegative: true)
    positive = LocalAgeing(options, p, parameters, isNegative: false)
    second = n.second.map { LocalAgeing(options, n.second($0), parameters, isNegative: true) }
    electrolyteLoss = options.electrolyteLoss.loss
    selfDischarge = options.selfDischarge.discharge
    gas = EthyleneGeneration()
    grows = options.interphase != .none
    plates = options.plating != .none
    cracks = options.cracking != .none
    dries = options.electrolyteLoss != .none
    leaks = options.selfDischarge != .none
    balance = ElectrolyteBalance(
      freshPores: n.porosity * n.thickness + s.porosity * s.thickness + p.porosity * p.thickness,
      freshSolvent: parameters.interphase?.carbonateConcentration ?? 0)
  }

  /// What is left of the electrolyte.
  ///
  /// - Parameters:
  ///   - molecules: Of the film formed since the start, in mol per m² of cell.
  ///   - metal: Volume of plated and dead lithium, in m³ per m² of cell.
  /// - Returns: What is left.
  func electrolyte(molecules: Double, metal: Double) -> ElectrolyteRemainder {
    var balance = balance
    balance.filmMolecules = max(0, molecules)
    balance.solids = balance.filmMolecules * negative.film.partialMolarVolume + metal
    return electrolyteLoss.remainder(balance)
  }

  /// Change of the wet share of the electrodes, in 1/s.
  ///
  /// - Parameters:
  ///   - remainder: What is left.
  ///   - molecules: Growth of the film, in mol/(m²·s).
  ///   - metal: Growth of the metal, in m³/(m²·s).
  /// - Returns: Zero or negative.
  func drying(_ remainder: ElectrolyteRemainder, molecules: Double, metal: Double) -> Double {
    guard dries, remainder.wetFraction < 1, remainder.wetFraction > 0.05 else { return 0 }
    let solids = molecules * negative.film.partialMolarVolume + metal
    return remainder.byMolecules * molecules + remainder.bySolids * solids
  }

  /// The factor of the diffusivity by stoichiometry that stress adds; nil without stress.
  static func stressFactor(
    _ options: AgeingOptions, _ electrode: PorousElectrodeParameters, _ parameters: CellParameters
  ) -> ((Double) -> Double)? {
    guard options.hasStress, let mechanics = electrode.mechanics else { return nil }
    let full = electrode.maximumConcentration
    let temperature = parameters.referenceTemperature
    return { mechanics.diffusionFactor(concentration: $0 * full, temperature: temperature) }
  }
}

// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// Ageing at one place of an electrode: what single-particle and porous models share.

import Foundation
import Quantities

/// The slow state of the particles at one place of an electrode.
struct LocalWear {
  /// Active material in wet contact, relative to the start.
  var active = 1.0
  /// Thickness of the film on the particles, in metres.
  var film = 0.0
  /// Area of cracks per area of particle, and thickness of the film on it, in metres.
  var crackArea = 0.0
  var crackFilm = 0.0
}

/// The laws of ageing at one place of an electrode, with the parameters they need.
///
/// The single-particle models have one such place in each electrode, the porous-electrode model has
/// one in every volume, and each material of a composite electrode has its own. Unknowns are
/// relative: molecules of the film on particles and on cracks to those on particles at the start,
/// lengths of cracks and active material to the start, plated and dead lithium to
/// `LocalAgeing.metalScale`.
struct LocalAgeing: Sendable {
  /// Plated lithium of one unit of the unknown, in mol per m³ of electrode: the typical one of
  /// O'Kane et al. (2022), doi:10.1039/D2CP00417H.
  static let metalScale = 1_000.0
  /// Smallest porosity relative to the start; beyond it the pores count as closed but for this.
  static let leastPorosity = 0.01

  let growth: any InterphaseGrowth
  let plating: any LithiumPlating
  let cracking: any ParticleCracking
  let activeLoss: any ActiveMaterialLoss
  let film: InterphaseParameters
  let metal: PlatingParameters
  let mechanics: ParticleMechanics
  let grows: Bool
  let plates: Bool
  let cracks: Bool
  let loses: Bool
  /// Share of the plated lithium that is dead at once.
  let deadShare: Double
  /// Resistivity of the film, in Ω·m; 0 without film growth.
  let resistivity: Double
  /// Film molecules per charge of the film's current, relative to the film of the start, in
  /// m²/(A·s).
  let filmFactor: Double
  /// Plated lithium per charge of the plating current, in the unit of the unknown, in m²/(A·s).
  let metalFactor: Double
  /// Film molecules of the start, in mol per m³ of electrode.
  let freshFilm: Double
  let maximumConcentration: Double
  let activeFraction: Double
  let surfaceDensity: Double

  /// Creates the laws of one material.
  ///
  /// - Parameters:
  ///   - options: Phenomena.
  ///   - electrode: The electrode, as if it had this material alone.
  ///   - parameters: The cell.
  ///   - isNegative: Whether a film grows and lithium plates on the material.
  init(
    _ options: AgeingOptions, _ electrode: PorousElectrodeParameters, _ parameters: CellParameters,
    isNegative: Bool
  ) {
    growth = (isNegative ? options.interphase : .none).growth
    plating = (isNegative ? options.plating : .none).plating
    cracking = options.cracking.cracking
    activeLoss = options.activeMaterialLoss.loss
    film = parameters.interphase ?? InterphaseParameters()
    metal = parameters.plating ?? PlatingParameters()
    mechanics = electrode.mechanics ?? ParticleMechanics()
    grows = isNegative && options.interphase != .none
    plates = isNegative && options.plating != .none
    cracks = options.cracking != .none
    loses = options.activeMaterialLoss != .none
    deadShare = plating.deadShare
    resistivity = grows ? film.resistivity : 0
    let faraday = PhysicalConstants.faraday
    filmFactor =
      -film.partialMolarVolume / (faraday * film.lithiumPerMolecule * film.initialThickness)
    metalFactor = -electrode.surfaceDensity / (faraday * Self.metalScale)
    freshFilm = film.initialThickness / film.partialMolarVolume * electrode.surfaceDensity
    maximumConcentration = electrode.maximumConcentration
    activeFraction = electrode.activeFraction
    surfaceDensity = electrode.surfaceDensity
  }

  /// Molecules on cracks at the start.
  var freshCrackFilm: Double { film.initialCrackThickness / film.initialThickness }

  /// What of the pores films and metal fill, as a share of the electrode's volume.
  @inline(__always)
  func filling(molecules: Double, metal amount: Double) -> Double {
    (molecules * film.partialMolarVolume * freshFilm
      + amount * Self.metalScale * metal.partialMolarVolume)
  }

  /// Thickness of the film on particles, in metres; never below a tenth of the start.
  @inline(__always)
  func thickness(molecules: Double, active: Double) -> Double {
    max(0.1, molecules) * film.initialThickness / active
  }

  /// Area of cracks per area of particle, and thickness of the film on it, in metres.
  ///
  /// - Parameters:
  ///   - length: Of the cracks, relative to the start.
  ///   - molecules: Of the film on them.
  ///   - active: Share of the particles.
  /// - Returns: Both.
  func cracks(length: Double, molecules: Double, active: Double) -> (
    area: Double, thickness: Double
  ) {
    let area = mechanics.crackArea(length: length * mechanics.initialCrackLength)
    return (area, max(1e-7, molecules) * film.initialThickness / (active * area))
  }

  /// Current density of film growth, in A/m².
  ///
  /// - Parameters:
  ///   - thickness: Film thickness, in metres.
  ///   - potential: Of the solid against the electrolyte before the film's loss, in volts.
  ///   - total: Current density through the film, in A/m².
  ///   - temperature: In kelvin.
  ///   - solvent: Solvent concentration relative to fresh electrolyte.
  /// - Returns: Zero or negative.
  @inline(__always)
  func filmCurrent(
    thickness: Double, potential: Double, total: Double, temperature: Double, solvent: Double
  ) -> Double {
    growth.current(
      solvent == 1 ? film : diluted(solvent), thickness: thickness, potential: potential,
      filmLoss: total * thickness * resistivity, temperature: temperature)
  }

  private func diluted(_ solvent: Double) -> InterphaseParameters {
    var diluted = film
    diluted.solventConcentration *= solvent
    diluted.carbonateConcentration *= solvent
    return diluted
  }

  /// The same with its derivatives, for Newton's method.
  @inline(__always)
  func filmGrowth(
    thickness: Double, potential: Double, total: Double, temperature: Double, solvent: Double
  ) -> FilmGrowth {
    let film = solvent == 1 ? film : diluted(solvent)
    let loss = total * thickness * resistivity
    let thicker = thickness * (1 + 1e-6)
    var result = FilmGrowth()
    result.value = growth.current(
      film, thickness: thickness, potential: potential, filmLoss: loss, temperature: temperature)
    let other = growth.current(
      film, thickness: thicker, potential: potential, filmLoss: total * thicker * resistivity,
      temperature: temperature)
    result.byRelativeThickness = (other - result.value) / 1e-6
    guard growth.dependsOnPotential else { return result }
    let shifted = growth.current(
      film, thickness: thickness, potential: potential + 1e-6, filmLoss: loss,
      temperature: temperature)
    result.byPotential = (shifted - result.value) / 1e-6
    result.byTotal = growth.dependsOnFilmLoss ? -result.byPotential * thickness * resistivity : 0
    return result
  }

  /// Tangential stress at the surface of a particle, in Pa, by its stoichiometries.
  func stress(mean: Double, surface: Double) -> Double {
    mechanics.tangentialStress(
      mean: mean * maximumConcentration, surface: surface * maximumConcentration)
  }

  /// Growth of the cracks relative to their start, in 1/s.
  ///
  /// - Parameters:
  ///   - length: Relative to the start.
  ///   - stress: Tangential stress, in Pa.
  /// - Returns: Zero or positive.
  func crackGrowth(length: Double, stress: Double) -> Double {
    cracking.growth(mechanics, length: length * mechanics.initialCrackLength, stress: stress)
      / mechanics.initialCrackLength
  }

  /// Change of the active material relative to the start, in 1/s.
  ///
  /// Below a twentieth nothing is left that a model could stand for: the loss stops there.
  ///
  /// - Parameters:
  ///   - active: What is left, relative to the start.
  ///   - share: What of that is wet as well.
  ///   - stress: Tangential stress, in Pa.
  ///   - filmCurrent: Current density of all film growth on the particles, in A/m².
  /// - Returns: Zero or negative.
  func activeRate(active: Double, share: Double, stress: Double, filmCurrent: Double) -> Double {
    guard loses, active > 0.05 else { return 0 }
    let conditions = ActiveMaterialConditions(
      hydrostaticStress: mechanics.hydrostaticStress(tangential: stress),
      filmCurrent: surfaceDensity * share * filmCurrent)
    return activeLoss.rate(mechanics, conditions) / activeFraction
  }
}

/// Current density of film growth with its derivatives, for Newton's method.
struct FilmGrowth {
  /// In A/m².
  var value = 0.0
  /// By the relative change of the thickness, in A/m².
  var byRelativeThickness = 0.0
  /// By the potential of the solid, in A/(m²·V).
  var byPotential = 0.0
  /// By the current density through the film.
  var byTotal = 0.0
}

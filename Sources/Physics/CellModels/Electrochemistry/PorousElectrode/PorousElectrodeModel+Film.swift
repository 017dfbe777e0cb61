// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: side reactions on the negative particles, in every volume.

import Foundation
import NumericalMethods
import Quantities

/// Side reactions on the surface of the negative particles.
///
/// In every volume of the negative electrode: the total current density through the film, which is
/// algebraic because the film's loss acts on the reactions below it, the film's thickness relative
/// to its start, and the plated and the dead lithium. The film and the metal fill pores.
struct SurfaceFilm: Sendable {
  let growth: any InterphaseGrowth
  let plating: any LithiumPlating
  let film: InterphaseParameters
  let metal: PlatingParameters
  let grows: Bool
  let plates: Bool
  /// First unknown: `[4 × volume]` total current density, thickness, plated and dead lithium.
  let unknownsAt: Int
  /// Start of the slots in the memory of the model.
  let memoryAt: Int
  /// Resistivity of the film, in Ω·m; 0 without film growth.
  let resistivity: Double
  /// Growth of the relative thickness per current density of the film, in m²/C.
  let growthFactor: Double
  /// Change of the relative plated lithium per current density of plating, in m²/C.
  let platingFactor: Double
  /// Share of the plated lithium that is dead at once.
  let deadShare: Double

  /// Concentration that the unknowns of plated and dead lithium are relative to, in mol per m³ of
  /// electrode: the typical one of O'Kane et al. (2022), doi:10.1039/D2CP00417H.
  static let metalScale = 1_000.0
  /// Smallest porosity relative to the start; beyond it the pores count as closed but for this.
  static let leastPorosity = 0.01

  /// Slots of one value per negative volume, of the last evaluation and linearisation.
  enum Slot: Int, CaseIterable {
    // Evaluation: currents of film and metal, film resistance, derivatives.
    case total, film, metal, resistance, filmByThickness, metalByPotential, metalBySalt,
      metalByAmount
    case dying
    // Linearisation.
    case gain, thicknessInverse, metalInverse, metalGain, byThickness
    // Solution: what of the total change of current is known, and the change of the thickness.
    case known, thicknessChange
  }

  init(
    _ parameters: CellParameters, interphase: InterphaseLaw, plating: PlatingLaw, unknownsAt: Int,
    memoryAt: Int
  ) {
    growth = interphase.growth
    self.plating = plating.plating
    film = parameters.interphase ?? InterphaseParameters()
    metal = parameters.plating ?? PlatingParameters()
    grows = interphase != .none
    plates = plating != .none
    self.unknownsAt = unknownsAt
    self.memoryAt = memoryAt
    resistivity = grows ? film.resistivity : 0
    let faraday = PhysicalConstants.faraday
    growthFactor =
      -film.partialMolarVolume / (faraday * film.lithiumPerMolecule * film.initialThickness)
    platingFactor = -parameters.negative.surfaceDensity / (faraday * Self.metalScale)
    deadShare = plating.plating.deadShare
  }
}

extension PorousElectrodeModel {
  @inline(__always)
  private func slot(_ slot: SurfaceFilm.Slot, _ film: SurfaceFilm) -> UnsafeMutablePointer<Double> {
    memory.base + film.memoryAt + slot.rawValue * mesh.negative
  }

  /// Salt concentration relative to rest: the unknown, divided by what is left of the pores.
  ///
  /// The unknown of the salt is its amount per volume of cell, so that it is conserved while films
  /// fill pores.
  func fillSalt(_ state: UnsafePointer<Double>, _ film: SurfaceFilm) {
    let salt = node(.salt)
    let storage = node(.storage)
    let capacity = node(.capacity)
    let factor = node(.factor)
    let open = parameters.negative.porosity
    let exponent = parameters.negative.bruggemanElectrolyte
    for i in 0..<nodes { salt[i] = state[i] }
    for i in 0..<mesh.negative {
      let share = openShare(state, film, i)
      storage[i] = capacity[i] * share
      salt[i] /= share
      factor[i] = pow(open * share, exponent)
    }
  }

  /// Share of the pores of a negative volume that is still open.
  func openShare(_ state: UnsafePointer<Double>, _ film: SurfaceFilm, _ i: Int) -> Double {
    let own = state + film.unknownsAt
    let count = mesh.negative
    let grown =
      (own[count + i] - 1) * film.film.initialThickness * parameters.negative.surfaceDensity
    let metal =
      (own[2 * count + i] + own[3 * count + i]) * SurfaceFilm.metalScale
      * film.metal.partialMolarVolume
    return max(SurfaceFilm.leastPorosity, 1 - (grown + metal) / parameters.negative.porosity)
  }

  /// Side reactions at one evaluation; adds their rates and the source of the total current.
  ///
  /// Called after the reaction of the negative particles is known.
  func addFilm(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, _ film: SurfaceFilm
  ) {
    let count = mesh.negative
    let own = state + film.unknownsAt
    let target = rates + film.unknownsAt
    let temperature = state[temperatureIndex]
    let rest = parameters.electrolyte.initialConcentration
    let salt = node(.salt)
    let j = surface(.current)
    let area = surface(.area)
    let start = film.film.initialThickness
    for e in 0..<count {
      let total = own[e]
      let relative = max(0.1, own[count + e])
      let resistance = slot(.resistance, film)[e]
      let drop = state[solidOffset + e] - state[potentialOffset + e]
      var side = 0.0
      if film.grows {
        let thickness = relative * start
        side = film.growth.current(
          film.film, thickness: thickness, potential: drop, filmLoss: total * resistance,
          temperature: temperature)
        let step = 1e-6 * thickness
        let other = film.growth.current(
          film.film, thickness: thickness + step, potential: drop,
          filmLoss: total * (resistance + step * film.resistivity), temperature: temperature)
        slot(.filmByThickness, film)[e] = (other - side) / 1e-6 / relative
      }
      slot(.total, film)[e] = total
      slot(.film, film)[e] = side
      target[count + e] = film.growthFactor * side
      var metal = PlatingCurrent()
      var dying = 0.0
      if film.plates {
        let conditions = PlatingConditions(
          plated: own[2 * count + e] * SurfaceFilm.metalScale, salt: salt[e] * rest,
          potential: drop - total * resistance, relativeFilm: relative, temperature: temperature)
        metal = film.plating.current(film.metal, conditions)
        dying = film.plating.deadLithiumRate(film.metal, relativeFilm: relative)
      }
      slot(.metal, film)[e] = metal.value
      slot(.metalByPotential, film)[e] = metal.byPotential
      slot(.metalBySalt, film)[e] = metal.bySalt * rest
      slot(.metalByAmount, film)[e] = metal.byPlated * SurfaceFilm.metalScale
      slot(.dying, film)[e] = dying
      let gone = dying * own[2 * count + e]
      target[2 * count + e] = (1 - film.deadShare) * film.platingFactor * metal.value - gone
      target[3 * count + e] = film.deadShare * film.platingFactor * metal.value + gone
      target[e] = j[e] + side + metal.value - total
      let source = area[e] * total
      rates[e] += saltPerCharge * source
      rates[potentialOffset + e] += source
      rates[solidOffset + e] -= source
    }
  }

  /// Writes the film's resistances and losses, which the reaction of the negative particles needs.
  func fillLosses(_ state: UnsafePointer<Double>, _ film: SurfaceFilm) {
    let own = state + film.unknownsAt
    let perThickness = film.film.initialThickness * film.resistivity
    for e in 0..<mesh.negative {
      let resistance = max(0.1, own[mesh.negative + e]) * perThickness
      slot(.resistance, film)[e] = resistance
      surface(.loss)[e] = own[e] * resistance
    }
  }

  /// Derivatives of the total current by salt and by the drop of potential, all else eliminated.
  ///
  /// The film's current counts as a function of its thickness alone: its other derivatives are a
  /// thousandth of those of the intercalation, and leaving them out of all rows alike keeps
  /// lithium exact.
  func condenseFilm(_ film: SurfaceFilm) {
    let count = mesh.negative
    let own = slot(.total, film)
    let perThickness = film.film.initialThickness * film.resistivity
    let bySalt = surface(.bySalt)
    let byPotential = surface(.byPotential)
    let area = surface(.area)
    for e in 0..<count {
      let filmSlope = slot(.filmByThickness, film)[e]
      slot(.thicknessInverse, film)[e] = 1 / (leading - film.growthFactor * filmSlope)
      let byAmount = slot(.metalByAmount, film)[e]
      let supply = (1 - film.deadShare) * film.platingFactor
      let inverse = 1 / (leading - supply * byAmount + slot(.dying, film)[e])
      let metalGain = 1 + byAmount * supply * inverse
      slot(.metalInverse, film)[e] = inverse
      slot(.metalGain, film)[e] = metalGain
      let salt = bySalt[e] + metalGain * slot(.metalBySalt, film)[e]
      let potential = byPotential[e] + metalGain * slot(.metalByPotential, film)[e]
      let gain = 1 / (1 + slot(.resistance, film)[e] * potential)
      slot(.gain, film)[e] = gain
      slot(.byThickness, film)[e] = filmSlope - potential * own[e] * perThickness
      node(.reactionBySalt)[e] = area[e] * gain * salt
      node(.reactionByPotential)[e] = area[e] * gain * potential
    }
  }

  /// Solves the film's rows at given potentials and salt and adds their effect to the balances.
  func reduceFilm(_ right: UnsafeMutablePointer<Double>, _ film: SurfaceFilm) {
    let count = mesh.negative
    let own = right + film.unknownsAt
    let intercalation = surface(.surfaceRight)
    let area = surface(.area)
    for e in 0..<count {
      let thickness = own[count + e] * slot(.thicknessInverse, film)[e]
      slot(.thicknessChange, film)[e] = thickness
      let metal =
        slot(.metalByAmount, film)[e] * own[2 * count + e] * slot(.metalInverse, film)[e]
      let known =
        slot(.gain, film)[e]
        * (own[e] + intercalation[e] + metal + slot(.byThickness, film)[e] * thickness)
      slot(.known, film)[e] = known
      let source = area[e] * known
      right[e] += saltPerCharge * source
      right[potentialOffset + e] += source
      right[solidOffset + e] -= source
    }
  }

  /// Finds the film's changes from those of potentials and salt, and the change of the loss across
  /// the film, which the particles' change needs.
  func expandFilm(_ right: UnsafeMutablePointer<Double>, _ film: SurfaceFilm) {
    let count = mesh.negative
    let own = right + film.unknownsAt
    let area = surface(.area)
    let perThickness = film.film.initialThickness * film.resistivity
    for e in 0..<count {
      let drop = right[solidOffset + e] - right[potentialOffset + e]
      let fromSides =
        node(.reactionBySalt)[e] * right[e] + node(.reactionByPotential)[e] * drop
      let total = fromSides / area[e] + slot(.known, film)[e]
      let thickness = slot(.thicknessChange, film)[e]
      let loss =
        total * slot(.resistance, film)[e]
        + slot(.total, film)[e] * perThickness * thickness
      let below = drop - loss
      let metalDirect =
        slot(.metalByPotential, film)[e] * below + slot(.metalBySalt, film)[e] * right[e]
      let supply = (1 - film.deadShare) * film.platingFactor
      let amount =
        (own[2 * count + e] + supply * metalDirect) * slot(.metalInverse, film)[e]
      let metal = metalDirect + slot(.metalByAmount, film)[e] * amount
      own[3 * count + e] =
        (own[3 * count + e] + film.deadShare * film.platingFactor * metal
          + slot(.dying, film)[e] * amount) / leading
      own[2 * count + e] = amount
      own[count + e] = thickness
      own[e] = total
      surface(.lossChange)[e] = loss
    }
  }

  /// Heat of the side reactions and of the film, in W/m² of cell.
  func filmHeat(_ state: UnsafePointer<Double>, _ film: SurfaceFilm) -> Double {
    let area = surface(.area)
    var sum = 0.0
    for e in 0..<mesh.negative {
      let loss = surface(.loss)[e]
      let below = state[solidOffset + e] - state[potentialOffset + e] - loss
      let side = slot(.film, film)[e] * (below - film.film.potential)
      sum += area[e] * (state[film.unknownsAt + e] * loss + side + slot(.metal, film)[e] * below)
    }
    return sum
  }
}

// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: side reactions on the negative particles, in every volume.

import Foundation
import NumericalMethods
import Quantities

extension PorousElectrodeModel {
  @inline(__always)
  func slot(_ slot: SurfaceFilm.Slot, _ film: SurfaceFilm) -> UnsafeMutablePointer<Double> {
    memory.base + film.memoryAt + slot.rawValue * mesh.negative
  }

  /// Salt concentration relative to rest: the unknown, divided by what is left of the pores.
  ///
  /// The unknown of the salt is its amount per volume of cell, so that it is conserved while films
  /// fill pores.
  func fillSalt(_ state: UnsafePointer<Double>) {
    let salt = node(.salt)
    let storage = node(.storage)
    let capacity = node(.capacity)
    let factor = node(.factor)
    let open = parameters.negative.porosity
    let exponent = parameters.negative.bruggemanElectrolyte
    for i in 0..<nodes { salt[i] = state[i] }
    for i in 0..<mesh.negative {
      let share = openShare(state, i)
      storage[i] = capacity[i] * share
      salt[i] /= share
      factor[i] = pow(open * share, exponent)
    }
  }

  /// Share of the pores of a volume that is still open.
  func openShare(_ state: UnsafePointer<Double>, _ i: Int) -> Double {
    guard i < mesh.negative else { return 1 }
    var filled = 0.0
    if let film { filled += filling(state, film, i) }
    if let secondFilm { filled += filling(state, secondFilm, i) }
    return max(LocalAgeing.leastPorosity, 1 - filled / parameters.negative.porosity)
  }

  private func filling(_ state: UnsafePointer<Double>, _ film: SurfaceFilm, _ i: Int) -> Double {
    let own = state + film.unknownsAt
    let count = mesh.negative
    var molecules = own[count + i] - 1
    if let wear {
      molecules +=
        state[wear.at(.crackFilm) + film.firstSurface + i] - film.local.freshCrackFilm
    }
    return film.local.filling(molecules: molecules, metal: own[2 * count + i] + own[3 * count + i])
  }

  /// Side reactions at one evaluation; adds their rates and the source of the total current.
  ///
  /// Called after the reaction of the negative particles is known.
  func addFilm(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, _ film: SurfaceFilm
  ) {
    let count = mesh.negative
    let first = film.firstSurface
    let local = film.local
    let own = state + film.unknownsAt
    let target = rates + film.unknownsAt
    let temperature = state[temperatureIndex]
    let rest = parameters.electrolyte.initialConcentration
    let solvent = electrolyte.solvent
    let salt = node(.salt)
    let j = surface(.current) + first
    let area = surface(.area) + first
    let share = surface(.share) + first
    for e in 0..<count {
      let total = own[e]
      let resistance = slot(.resistance, film)[e]
      let drop = state[solidOffset + e] - state[potentialOffset + e]
      let thickness = local.thickness(molecules: own[count + e], active: share[e])
      let relative = thickness / local.film.initialThickness
      var side = 0.0
      var cracked = 0.0
      if local.grows {
        let growth = local.filmGrowth(
          thickness: thickness, potential: drop, total: total, temperature: temperature,
          solvent: solvent)
        side = growth.value
        slot(.filmByAmount, film)[e] = growth.byRelativeThickness / (relative * share[e])
        slot(.filmByPotential, film)[e] = growth.byPotential
        slot(.filmByTotal, film)[e] = growth.byTotal
        if let wear, local.cracks { cracked = addCrackFilm(state, rates, film, wear, e) }
      }
      slot(.total, film)[e] = total
      slot(.film, film)[e] = side
      target[count + e] = local.filmFactor * share[e] * side
      var metal = PlatingCurrent()
      var dying = 0.0
      if local.plates {
        let conditions = PlatingConditions(
          plated: own[2 * count + e] * LocalAgeing.metalScale, salt: salt[e] * rest,
          potential: drop - total * resistance, relativeFilm: relative, temperature: temperature)
        metal = local.plating.current(local.metal, conditions)
        dying = local.plating.deadLithiumRate(local.metal, relativeFilm: relative)
      }
      slot(.metal, film)[e] = metal.value
      slot(.metalByPotential, film)[e] = metal.byPotential
      slot(.metalBySalt, film)[e] = metal.bySalt * rest
      slot(.metalByAmount, film)[e] = metal.byPlated * LocalAgeing.metalScale
      slot(.dying, film)[e] = dying
      let gone = dying * own[2 * count + e]
      let supply = local.metalFactor * share[e] * metal.value
      target[2 * count + e] = (1 - local.deadShare) * supply - gone
      target[3 * count + e] = local.deadShare * supply + gone
      target[e] = j[e] + side + cracked + metal.value - total
      let source = area[e] * total
      rates[e] += saltPerCharge * source
      rates[potentialOffset + e] += source
      rates[solidOffset + e] -= source
    }
  }

  /// Growth of the film on the cracks of one particle.
  ///
  /// - Returns: Its current per area of particle, in A/m².
  private func addCrackFilm(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, _ film: SurfaceFilm,
    _ wear: PorousWear, _ e: Int
  ) -> Double {
    let particle = film.firstSurface + e
    let area = wearSlot(.crackArea, wear)[particle]
    let growth = film.local.filmGrowth(
      thickness: wearSlot(.crackThickness, wear)[particle],
      potential: state[solidOffset + e] - state[potentialOffset + e],
      total: state[film.unknownsAt + e], temperature: state[temperatureIndex],
      solvent: electrolyte.solvent)
    let molecules = state[wear.at(.crackFilm) + particle]
    slot(.crack, film)[e] = area * growth.value
    // Growth slows as the film thickens; what a search far from the solution meets is left out.
    slot(.crackByAmount, film)[e] = max(0, area * growth.byRelativeThickness / molecules)
    slot(.crackByPotential, film)[e] = area * growth.byPotential
    slot(.crackByTotal, film)[e] = area * growth.byTotal
    rates[wear.at(.crackFilm) + particle] =
      film.local.filmFactor * surface(.share)[particle] * area * growth.value
    return area * growth.value
  }

  /// Writes the film's resistances and losses, which the reaction of the negative particles needs.
  func fillLosses(_ state: UnsafePointer<Double>, _ film: SurfaceFilm) {
    let own = state + film.unknownsAt
    let share = surface(.share) + film.firstSurface
    let loss = surface(.loss) + film.firstSurface
    let perThickness = film.local.film.initialThickness * film.local.resistivity
    for e in 0..<mesh.negative {
      let resistance = max(0.1, own[mesh.negative + e]) * perThickness / share[e]
      slot(.resistance, film)[e] = resistance
      loss[e] = own[e] * resistance
    }
  }

  /// Derivatives of the total current by salt and by the drop of potential, all else eliminated,
  /// added to those of the volumes.
  ///
  /// What the current of a film gains, its row of molecules gains as well, in the matrix too: so
  /// lithium is exact, not only to the tolerance of Newton's method.
  func condenseFilm(_ film: SurfaceFilm) {
    let count = mesh.negative
    let first = film.firstSurface
    let local = film.local
    let own = slot(.total, film)
    let perThickness = local.film.initialThickness * local.resistivity
    let bySalt = surface(.bySalt) + first
    let byPotential = surface(.byPotential) + first
    let area = surface(.area) + first
    let share = surface(.share) + first
    for e in 0..<count {
      let filmSlope = slot(.filmByAmount, film)[e]
      let growth = local.filmFactor * share[e]
      slot(.amountInverse, film)[e] = 1 / (leading - growth * filmSlope)
      slot(.crackInverse, film)[e] = 1 / (leading - growth * slot(.crackByAmount, film)[e])
      let byAmount = slot(.metalByAmount, film)[e]
      let supply = (1 - local.deadShare) * local.metalFactor * share[e]
      let inverse = 1 / (leading - supply * byAmount + slot(.dying, film)[e])
      let metalGain = 1 + byAmount * supply * inverse
      slot(.metalInverse, film)[e] = inverse
      let salt = bySalt[e] + metalGain * slot(.metalBySalt, film)[e]
      let potential = byPotential[e] + metalGain * slot(.metalByPotential, film)[e]
      // By the molecules, by way of the loss as well; then by potential and total, by way of the
      // molecules as well.
      let byMolecules = filmSlope - potential * own[e] * perThickness / share[e]
      slot(.byAmount, film)[e] = byMolecules
      let filmGain = 1 + byMolecules * growth * slot(.amountInverse, film)[e]
      let crackGain =
        1 + slot(.crackByAmount, film)[e] * growth * slot(.crackInverse, film)[e]
      let sideByPotential =
        filmGain * slot(.filmByPotential, film)[e] + crackGain * slot(.crackByPotential, film)[e]
      let sideByTotal =
        filmGain * slot(.filmByTotal, film)[e] + crackGain * slot(.crackByTotal, film)[e]
      let gain = 1 / (1 + slot(.resistance, film)[e] * potential - sideByTotal)
      let byDrop = gain * (potential + sideByPotential)
      slot(.gain, film)[e] = gain
      slot(.totalBySalt, film)[e] = gain * salt
      slot(.totalByPotential, film)[e] = byDrop
      node(.reactionBySalt)[e] += area[e] * gain * salt
      node(.reactionByPotential)[e] += area[e] * byDrop
    }
  }

  /// Solves the film's rows at given potentials and salt and adds their effect to the balances.
  func reduceFilm(_ right: UnsafeMutablePointer<Double>, _ film: SurfaceFilm) {
    let count = mesh.negative
    let own = right + film.unknownsAt
    let intercalation = surface(.surfaceRight) + film.firstSurface
    let area = surface(.area) + film.firstSurface
    for e in 0..<count {
      let amount = own[count + e] * slot(.amountInverse, film)[e]
      slot(.amountChange, film)[e] = amount
      let metal =
        slot(.metalByAmount, film)[e] * own[2 * count + e] * slot(.metalInverse, film)[e]
      var sum = own[e] + intercalation[e] + metal + slot(.byAmount, film)[e] * amount
      if let wear {
        let change =
          right[wear.at(.crackFilm) + film.firstSurface + e] * slot(.crackInverse, film)[e]
        slot(.crackChange, film)[e] = change
        sum += slot(.crackByAmount, film)[e] * change
      }
      let known = slot(.gain, film)[e] * sum
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
    let first = film.firstSurface
    let local = film.local
    let own = right + film.unknownsAt
    let share = surface(.share) + first
    let perThickness = local.film.initialThickness * local.resistivity
    for e in 0..<count {
      let drop = right[solidOffset + e] - right[potentialOffset + e]
      let total =
        slot(.totalBySalt, film)[e] * right[e] + slot(.totalByPotential, film)[e] * drop
        + slot(.known, film)[e]
      let growth = local.filmFactor * share[e]
      let molecules =
        slot(.amountChange, film)[e]
        + growth * slot(.amountInverse, film)[e]
        * (slot(.filmByPotential, film)[e] * drop + slot(.filmByTotal, film)[e] * total)
      let loss =
        total * slot(.resistance, film)[e]
        + slot(.total, film)[e] * perThickness * molecules / share[e]
      let below = drop - loss
      let metalDirect =
        slot(.metalByPotential, film)[e] * below + slot(.metalBySalt, film)[e] * right[e]
      let factor = local.metalFactor * share[e]
      let supply = (1 - local.deadShare) * factor
      let amount =
        (own[2 * count + e] + supply * metalDirect) * slot(.metalInverse, film)[e]
      let metal = metalDirect + slot(.metalByAmount, film)[e] * amount
      own[3 * count + e] =
        (own[3 * count + e] + local.deadShare * factor * metal
          + slot(.dying, film)[e] * amount) / leading
      own[2 * count + e] = amount
      own[count + e] = molecules
      own[e] = total
      surface(.lossChange)[first + e] = loss
      if let wear {
        right[wear.at(.crackFilm) + first + e] =
          slot(.crackChange, film)[e]
          + growth * slot(.crackInverse, film)[e]
          * (slot(.crackByPotential, film)[e] * drop + slot(.crackByTotal, film)[e] * total)
      }
    }
  }

  /// Heat of the side reactions and of the film, in W/m² of cell.
  func filmHeat(_ state: UnsafePointer<Double>, _ film: SurfaceFilm) -> Double {
    let area = surface(.area) + film.firstSurface
    var sum = 0.0
    for e in 0..<mesh.negative {
      let loss = surface(.loss)[film.firstSurface + e]
      let below = state[solidOffset + e] - state[potentialOffset + e] - loss
      let grown = slot(.film, film)[e] + slot(.crack, film)[e]
      let side = grown * (below - film.local.film.potential)
      sum += area[e] * (state[film.unknownsAt + e] * loss + side + slot(.metal, film)[e] * below)
    }
    return sum
  }
}

// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model: right side of the slow unknowns of ageing.

import Foundation
import Quantities

extension SingleParticleModel {
  @inline(__always)
  func ageingIndex(_ slot: AgeingSlot) -> Int { ageingOffset + slot.rawValue }

  /// Whether anything beyond film growth ages.
  var ages: Bool { ageingCount > 0 }

  /// Moles of lithium of one unit of `AgeingSlot.plated`.
  var platingUnit: Double { LocalAgeing.metalScale * parameters.negative.thickness * area }

  /// Film molecules at the start, in mol/m² of electrode.
  var freshFilm: Double { laws.negative.freshFilm * parameters.negative.thickness }

  /// Volume of one unit of plated lithium, in m³/m² of electrode.
  private var metalVolume: Double {
    LocalAgeing.metalScale * parameters.negative.thickness * laws.negative.metal.partialMolarVolume
  }

  /// Writes the slow unknowns of a fresh cell.
  func fillFresh(_ state: UnsafeMutablePointer<Double>) {
    guard ages else { return }
    let local = laws.negative
    state[ageingIndex(.plated)] =
      local.plates ? local.metal.initialConcentration / LocalAgeing.metalScale : 0
    state[ageingIndex(.negativeCrack)] = 1
    state[ageingIndex(.positiveCrack)] = 1
    state[ageingIndex(.crackFilm)] = local.freshCrackFilm
    state[ageingIndex(.negativeActive)] = 1
    state[ageingIndex(.positiveActive)] = 1
  }

  /// Share of the pores of the negative electrode that films and metal leave open.
  func openShare(_ state: UnsafePointer<Double>) -> Double {
    let local = laws.negative
    var molecules = state[filmIndex] - 1
    var metal = 0.0
    if ages {
      molecules += state[ageingIndex(.crackFilm)] - local.freshCrackFilm
      metal = state[ageingIndex(.plated)] + state[ageingIndex(.dead)]
    }
    var filled = local.filling(molecules: molecules, metal: metal)
    if let second {
      filled += second.local.filling(
        molecules: state[second.index(.film)] - 1,
        metal: state[second.index(.plated)] + state[second.index(.dead)])
    }
    return max(LocalAgeing.leastPorosity, 1 - filled / parameters.negative.porosity)
  }

  /// Reads the condition of the cell; false where it is not possible.
  mutating func readWear(_ state: UnsafePointer<Double>) -> Bool {
    let local = laws.negative
    wear.film = local.thickness(molecules: state[filmIndex], active: 1)
    if narrows { wear.open = openShare(state) }
    guard ages else { return true }
    wear.plated = local.plates ? state[ageingIndex(.plated)] * LocalAgeing.metalScale : 0
    if laws.dries {
      let onCracks = state[ageingIndex(.crackFilm)] - local.freshCrackFilm
      var molecules = freshFilm * (state[filmIndex] - 1 + onCracks)
      var metal = state[ageingIndex(.plated)] + state[ageingIndex(.dead)]
      if let second {
        molecules +=
          second.local.freshFilm * parameters.negative.thickness * (state[second.index(.film)] - 1)
        metal += state[second.index(.plated)] + state[second.index(.dead)]
      }
      wear.electrolyte = laws.electrolyte(molecules: molecules, metal: metal * metalVolume)
    }
    wear.negative = state[ageingIndex(.negativeActive)] * wear.wet
    wear.positive = state[ageingIndex(.positiveActive)] * wear.wet
    guard wear.negative > 1e-3, wear.positive > 1e-3 else { return false }
    wear.film /= wear.negative
    if laws.cracks {
      (wear.crackArea, wear.crackFilm) = local.cracks(
        length: state[ageingIndex(.negativeCrack)], molecules: state[ageingIndex(.crackFilm)],
        active: wear.negative)
    }
    return true
  }

  /// The lithium of the electrodes, the film, and the slow unknowns of ageing.
  public var slowUnknowns: [SlowUnknown] {
    let hosts = parameters.hostCapacity
    let inFilm = freshFilm * area * film.lithiumPerMolecule / hosts.negative
    var result = [
      SlowUnknown(index: 0, weight: 0), SlowUnknown(index: positiveModes, weight: 0),
      SlowUnknown(index: filmIndex, weight: grows ? inFilm : 0),
    ]
    guard ages else { return result }
    for slot in AgeingSlot.allCases {
      let weight: Double
      switch slot {
      // What is plated comes and goes within a cycle.
      case .plated: weight = 0
      case .dead: weight = platingUnit / hosts.negative
      // The area of the cracks times the film on them.
      case .negativeCrack: weight = grows ? inFilm : 0
      case .positiveCrack: weight = 0
      case .crackFilm: weight = grows ? inFilm : 0
      case .negativeActive: weight = parameters.negative.shares.first
      case .positiveActive: weight = hosts.positive / hosts.negative
      case .negativeTrapped: weight = parameters.negative.shares.first
      case .positiveTrapped: weight = hosts.positive / hosts.negative
      // The next charge undoes it.
      case .leaked: weight = 0
      }
      result.append(SlowUnknown(index: ageingIndex(slot), weight: weight))
    }
    if let second {
      let inSecond =
        second.local.freshFilm * parameters.negative.thickness * area
        * second.local.film.lithiumPerMolecule / hosts.negative
      result.append(SlowUnknown(index: second.offset, weight: 0))
      result.append(SlowUnknown(index: second.index(.film), weight: grows ? inSecond : 0))
      result.append(SlowUnknown(index: second.index(.plated), weight: 0))
      result.append(
        SlowUnknown(index: second.index(.dead), weight: platingUnit / hosts.negative))
      result.append(SlowUnknown(index: second.index(.trapped), weight: second.share))
    }
    return result
  }

  /// Conditions of plating on a material, but for the potential.
  func platingConditions(
    _ local: LocalAgeing, plated: Double, film thickness: Double, salt: SaltAverages,
    temperature: Double
  ) -> PlatingConditions {
    PlatingConditions(
      plated: plated,
      salt: salt.meanNegative * parameters.electrolyte.initialConcentration, potential: 0,
      relativeFilm: thickness / local.film.initialThickness, temperature: temperature)
  }

  /// Side current density of film growth at a thickness, in A/m².
  func sideCurrent(_ state: UnsafePointer<Double>, thickness: Double) -> Double {
    guard grows else { return 0 }
    return laws.negative.filmCurrent(
      thickness: thickness, potential: anodePotential, total: firstCurrent,
      temperature: state[temperatureIndex], solvent: wear.electrolyte.solvent)
  }

  /// Writes the rates of the slow unknowns and of the film.
  ///
  /// - Returns: Side current density on the negative particles, in A/m², and the lithium that lost
  ///   active material takes along, relative to the hosts, in 1/s.
  mutating func fillAgeing(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, film onParticles: Double
  ) -> (side: Double, negative: Double, positive: Double, drying: Double) {
    for slot in AgeingSlot.allCases { rates[ageingIndex(slot)] = 0 }
    let local = laws.negative
    let xn = state[0] / wear.negative
    let xp = state[positiveModes] / wear.positive
    let pulledNegative = local.stress(mean: xn, surface: surfaceNegative)
    let pulledPositive = laws.positive.stress(mean: xp, surface: surfacePositive)

    var onCracks = 0.0
    if laws.cracks {
      rates[ageingIndex(.negativeCrack)] = local.crackGrowth(
        length: state[ageingIndex(.negativeCrack)], stress: pulledNegative)
      rates[ageingIndex(.positiveCrack)] = laws.positive.crackGrowth(
        length: state[ageingIndex(.positiveCrack)], stress: pulledPositive)
      if grows {
        let there = local.filmGrowth(
          thickness: wear.crackFilm, potential: anodePotential, total: firstCurrent,
          temperature: state[temperatureIndex], solvent: wear.electrolyte.solvent)
        onCracks = wear.crackArea * there.value
        let slope = there.byRelativeThickness / state[ageingIndex(.crackFilm)]
        crackFilmSlope = wear.negative * wear.crackArea * slope * local.filmFactor
      }
    }
    let filmRate = wear.negative * onParticles * local.filmFactor
    let crackRate = wear.negative * onCracks * local.filmFactor
    rates[filmIndex] = filmRate
    rates[ageingIndex(.crackFilm)] = crackRate

    if local.plates {
      let share = response.deadShare
      let deposited = -response.consumption * wear.plating
      let dying = response.dying * state[ageingIndex(.plated)]
      rates[ageingIndex(.plated)] = (1 - share) * deposited - dying
      rates[ageingIndex(.dead)] = share * deposited + dying
    }

    let wetNegative = local.activeRate(
      active: state[ageingIndex(.negativeActive)], share: wear.negative, stress: pulledNegative,
      filmCurrent: onParticles + onCracks)
    let wetPositive = laws.positive.activeRate(
      active: state[ageingIndex(.positiveActive)], share: wear.positive, stress: pulledPositive,
      filmCurrent: 0)
    rates[ageingIndex(.negativeActive)] = wetNegative
    rates[ageingIndex(.positiveActive)] = wetPositive
    var metal = rates[ageingIndex(.plated)] + rates[ageingIndex(.dead)]
    var molecules = freshFilm * (filmRate + crackRate)
    if let second {
      let sides = fillSecondFilm(state, rates, second)
      molecules += second.local.freshFilm * parameters.negative.thickness * sides.film
      metal += sides.metal
    }
    let drying = laws.drying(
      wear.electrolyte, molecules: molecules, metal: metal * metalVolume)
    if laws.leaks {
      rates[ageingIndex(.leaked)] = wear.leak / parameters.nominalCapacity
    }
    let lostNegative = wear.wet * wetNegative + state[ageingIndex(.negativeActive)] * drying
    let lostPositive = wear.wet * wetPositive + state[ageingIndex(.positiveActive)] * drying
    let trapped = (negative: -xn * lostNegative, positive: -xp * lostPositive)
    rates[ageingIndex(.negativeTrapped)] = trapped.negative
    rates[ageingIndex(.positiveTrapped)] = trapped.positive
    return (
      onParticles + onCracks + wear.plating, trapped.negative, trapped.positive, drying
    )
  }
}

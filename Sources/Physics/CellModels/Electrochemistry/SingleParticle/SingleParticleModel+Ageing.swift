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
  var platingUnit: Double { AgeingLaws.platingScale * parameters.negative.thickness * area }

  /// Film molecules at the start, in mol/m² of electrode.
  var freshFilm: Double {
    film.initialThickness / film.partialMolarVolume * negative.surfaceDensity
      * parameters.negative.thickness
  }

  /// Writes the slow unknowns of a fresh cell.
  func fillFresh(_ state: UnsafeMutablePointer<Double>) {
    guard ages else { return }
    state[ageingIndex(.plated)] = laws.plating.initialConcentration / AgeingLaws.platingScale
    state[ageingIndex(.negativeCrack)] = 1
    state[ageingIndex(.positiveCrack)] = 1
    state[ageingIndex(.crackFilm)] = film.initialCrackThickness / film.initialThickness
    state[ageingIndex(.negativeActive)] = 1
    state[ageingIndex(.positiveActive)] = 1
  }

  /// Reads the condition of the cell; false where it is not possible.
  mutating func readWear(_ state: UnsafePointer<Double>) -> Bool {
    wear.film = max(0.1, state[filmIndex]) * film.initialThickness
    guard ages else { return true }
    wear.plated = laws.plates ? state[ageingIndex(.plated)] * AgeingLaws.platingScale : 0
    if laws.dries {
      var balance = laws.balance
      let molecules = state[filmIndex] - 1
      let onCracks =
        state[ageingIndex(.crackFilm)] - film.initialCrackThickness / film.initialThickness
      balance.filmMolecules = max(0, freshFilm * (molecules + onCracks))
      let metal = state[ageingIndex(.plated)] + state[ageingIndex(.dead)]
      balance.solids =
        balance.filmMolecules * film.partialMolarVolume
        + metal * platingUnit / area * laws.plating.partialMolarVolume
      let left = laws.electrolyteLoss.remainder(balance)
      wear.wet = left.wetFraction
      wear.wetByMolecules = left.byMolecules
      wear.wetBySolids = left.bySolids
      wear.solvent = left.solvent
    }
    wear.negative = state[ageingIndex(.negativeActive)] * wear.wet
    wear.positive = state[ageingIndex(.positiveActive)] * wear.wet
    guard wear.negative > 1e-3, wear.positive > 1e-3 else { return false }
    wear.film /= wear.negative
    if laws.cracks {
      let length = state[ageingIndex(.negativeCrack)] * laws.negative.initialCrackLength
      wear.crackArea = laws.negative.crackArea(length: length)
      wear.crackFilm =
        max(1e-7, state[ageingIndex(.crackFilm)]) * film.initialThickness
        / (wear.negative * wear.crackArea)
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
      case .negativeActive: weight = 1
      case .positiveActive: weight = hosts.positive / hosts.negative
      case .negativeTrapped: weight = 1
      case .positiveTrapped: weight = hosts.positive / hosts.negative
      // The next charge undoes it.
      case .leaked: weight = 0
      }
      result.append(SlowUnknown(index: ageingIndex(slot), weight: weight))
    }
    return result
  }

  /// Conditions of plating at a potential under the film.
  func platingConditions(_ potential: Double, salt: Double, temperature: Double)
    -> PlatingConditions
  {
    PlatingConditions(
      plated: wear.plated, salt: salt * parameters.electrolyte.initialConcentration,
      potential: potential, relativeFilm: wear.film / film.initialThickness,
      temperature: temperature)
  }

  /// Side current density of film growth at a thickness, in A/m².
  func sideCurrent(_ state: UnsafePointer<Double>, thickness: Double) -> Double {
    guard grows else { return 0 }
    let total = negativeShare / wear.negative * (state[currentIndex] + wear.leak)
    let loss = total * thickness * film.resistivity
    let temperature = state[temperatureIndex]
    if laws.dries {
      var diluted = film
      diluted.solventConcentration *= wear.solvent
      diluted.carbonateConcentration *= wear.solvent
      return growth.current(
        diluted, thickness: thickness, potential: anodePotential, filmLoss: loss,
        temperature: temperature)
    }
    return growth.current(
      film, thickness: thickness, potential: anodePotential, filmLoss: loss,
      temperature: temperature)
  }

  /// Writes the rates of the slow unknowns and of the film.
  ///
  /// - Returns: Side current density on the negative particles, in A/m², and the lithium that lost
  ///   active material takes along, relative to the hosts, in 1/s.
  mutating func fillAgeing(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, film onParticles: Double
  ) -> (side: Double, negative: Double, positive: Double) {
    for slot in AgeingSlot.allCases { rates[ageingIndex(slot)] = 0 }
    let xn = state[0] / wear.negative
    let xp = state[positiveModes] / wear.positive
    let pulledNegative = laws.negative.tangentialStress(
      mean: xn * negative.maximumConcentration,
      surface: surfaceNegative * negative.maximumConcentration)
    let pulledPositive = laws.positive.tangentialStress(
      mean: xp * positive.maximumConcentration,
      surface: surfacePositive * positive.maximumConcentration)

    var onCracks = 0.0
    if laws.cracks {
      let first = laws.negative.initialCrackLength
      let second = laws.positive.initialCrackLength
      rates[ageingIndex(.negativeCrack)] =
        laws.cracking.growth(
          laws.negative, length: state[ageingIndex(.negativeCrack)] * first,
          stress: pulledNegative) / first
      rates[ageingIndex(.positiveCrack)] =
        laws.cracking.growth(
          laws.positive, length: state[ageingIndex(.positiveCrack)] * second,
          stress: pulledPositive) / second
      if grows {
        let there = sideCurrent(state, thickness: wear.crackFilm)
        onCracks = wear.crackArea * there
        let thicker = sideCurrent(state, thickness: wear.crackFilm * (1 + 1e-6))
        let slope = (thicker - there) / (1e-6 * state[ageingIndex(.crackFilm)])
        crackFilmSlope = wear.negative * wear.crackArea * slope * filmGrowthFactor
      }
    }
    let filmRate = wear.negative * onParticles * filmGrowthFactor
    let crackRate = wear.negative * onCracks * filmGrowthFactor
    rates[filmIndex] = filmRate
    rates[ageingIndex(.crackFilm)] = crackRate

    if laws.plates {
      let share = response.deadShare
      let deposited = -response.consumption * wear.plating
      let dying = response.dying * state[ageingIndex(.plated)]
      rates[ageingIndex(.plated)] = (1 - share) * deposited - dying
      rates[ageingIndex(.dead)] = share * deposited + dying
    }

    let active = fillActiveMaterial(
      state, rates, negative: pulledNegative, positive: pulledPositive,
      filmCurrent: onParticles + onCracks, filmRate: filmRate + crackRate)
    if laws.leaks {
      rates[ageingIndex(.leaked)] = wear.leak / parameters.nominalCapacity
    }
    let trapped = (negative: -xn * active.negative, positive: -xp * active.positive)
    rates[ageingIndex(.negativeTrapped)] = trapped.negative
    rates[ageingIndex(.positiveTrapped)] = trapped.positive
    return (onParticles + onCracks + wear.plating, trapped.negative, trapped.positive)
  }

  /// Film molecules per side charge, relative to the film of the start, in m²/(A·s).
  var filmGrowthFactor: Double {
    -film.partialMolarVolume / (faraday * film.lithiumPerMolecule * film.initialThickness)
  }

  /// Rates of the active material, and of what of it is in wet contact.
  private func fillActiveMaterial(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>,
    negative pulledNegative: Double, positive pulledPositive: Double, filmCurrent: Double,
    filmRate: Double
  ) -> (negative: Double, positive: Double) {
    var result = (negative: 0.0, positive: 0.0)
    if laws.loses {
      let perVolume = negative.surfaceDensity * wear.negative * filmCurrent
      let first = laws.activeLoss.rate(
        laws.negative,
        ActiveMaterialConditions(
          hydrostaticStress: laws.negative.hydrostaticStress(tangential: pulledNegative),
          filmCurrent: perVolume))
      let second = laws.activeLoss.rate(
        laws.positive,
        ActiveMaterialConditions(
          hydrostaticStress: laws.positive.hydrostaticStress(tangential: pulledPositive),
          filmCurrent: 0))
      // Below a twentieth nothing is left that the model could stand for: the loss stops there.
      if state[ageingIndex(.negativeActive)] > 0.05 {
        rates[ageingIndex(.negativeActive)] = first / parameters.negative.activeFraction
      }
      if state[ageingIndex(.positiveActive)] > 0.05 {
        rates[ageingIndex(.positiveActive)] = second / parameters.positive.activeFraction
      }
      result.negative = wear.wet * rates[ageingIndex(.negativeActive)]
      result.positive = wear.wet * rates[ageingIndex(.positiveActive)]
    }
    if laws.dries, wear.wet < 1, wear.wet > 0.05 {
      let molecules = freshFilm * filmRate
      let metal = rates[ageingIndex(.plated)] + rates[ageingIndex(.dead)]
      let solids =
        molecules * film.partialMolarVolume
        + metal * platingUnit / area * laws.plating.partialMolarVolume
      let drying = wear.wetByMolecules * molecules + wear.wetBySolids * solids
      result.negative += state[ageingIndex(.negativeActive)] * drying
      result.positive += state[ageingIndex(.positiveActive)] * drying
    }
    return result
  }
}

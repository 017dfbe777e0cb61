// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: cracks, loss of active material, dry-out and self-discharge.

import Foundation
import NumericalMethods

extension PorousElectrodeModel {
  @inline(__always)
  func wearSlot(_ slot: PorousWear.Slot, _ wear: PorousWear) -> UnsafeMutablePointer<Double> {
    memory.base + wear.memoryAt + slot.rawValue * wear.surfaces
  }

  /// Modes of a population as stoichiometries of the active material that is left.
  @inline(__always)
  func amplitudes(
    _ state: UnsafePointer<Double>, _ particles: ParticlePopulation
  ) -> UnsafePointer<Double> {
    guard hasWear, let wear else { return state + particles.modesAt }
    return UnsafePointer(memory.base + wear.amplitudesAt(firstSurface: particles.firstSurface))
  }

  /// Writes the slow unknowns of a fresh cell.
  func fillFresh(_ state: UnsafeMutablePointer<Double>) {
    for film in [film, secondFilm] {
      guard let film else { continue }
      let local = film.local
      let metal = local.plates ? local.metal.initialConcentration / LocalAgeing.metalScale : 0
      for e in 0..<mesh.negative {
        state[film.unknownsAt + mesh.negative + e] = 1
        state[film.unknownsAt + 2 * mesh.negative + e] = metal
      }
    }
    guard let wear else { return }
    for particle in 0..<wear.surfaces {
      state[wear.at(.crack) + particle] = 1
      state[wear.at(.active) + particle] = 1
    }
    for film in [film, secondFilm] {
      guard let film else { continue }
      for e in 0..<mesh.negative {
        state[wear.at(.crackFilm) + film.firstSurface + e] = film.local.freshCrackFilm
      }
    }
  }

  /// Molecules of the films formed since the start, in mol per m² of cell, and volume of metal, in
  /// m³/m²; from a state or from its rates.
  func grown(
    _ values: UnsafePointer<Double>, start: Double
  ) -> (molecules: Double, metal: Double) {
    var result = (molecules: 0.0, metal: 0.0)
    if let film { addGrown(values, start, film, &result) }
    if let secondFilm { addGrown(values, start, secondFilm, &result) }
    return result
  }

  private func addGrown(
    _ values: UnsafePointer<Double>, _ start: Double, _ film: SurfaceFilm,
    _ result: inout (molecules: Double, metal: Double)
  ) {
    let own = values + film.unknownsAt
    let count = mesh.negative
    for e in 0..<count {
      let width = mesh.widths[e]
      var molecules = own[count + e] - start
      if let wear {
        molecules +=
          values[wear.at(.crackFilm) + film.firstSurface + e] - start * film.local.freshCrackFilm
      }
      let metal = own[2 * count + e] + own[3 * count + e]
      result.molecules += width * film.local.freshFilm * molecules
      result.metal += width * LocalAgeing.metalScale * film.local.metal.partialMolarVolume * metal
    }
  }

  /// What is left of the electrolyte.
  func remainder(_ state: UnsafePointer<Double>) -> ElectrolyteRemainder {
    guard laws.dries else { return ElectrolyteRemainder() }
    let sum = grown(state, start: 1)
    return laws.electrolyte(molecules: sum.molecules, metal: sum.metal)
  }

  /// Reads the condition of the particles; false where it is not possible.
  mutating func readWear(_ state: UnsafePointer<Double>, _ wear: PorousWear) -> Bool {
    electrolyte = remainder(state)
    let wet = electrolyte.wetFraction
    stackArea = area * wet
    var least = Double.infinity
    for particle in 0..<surfaces {
      let active = state[wear.at(.active) + particle]
      wearSlot(.active, wear)[particle] = active
      surface(.share)[particle] = active * wet
      surface(.area)[particle] = surface(.freshArea)[particle] * active
      least = min(least, active * wet)
    }
    guard least > 1e-3 else { return false }
    readAmplitudes(state, wear, negative)
    readAmplitudes(state, wear, positive)
    if let second { readAmplitudes(state, wear, second) }
    guard laws.cracks else { return true }
    if let film { readCracks(state, wear, film) }
    if let secondFilm { readCracks(state, wear, secondFilm) }
    return true
  }

  private func readCracks(
    _ state: UnsafePointer<Double>, _ wear: PorousWear, _ film: SurfaceFilm
  ) {
    for particle in film.firstSurface..<film.firstSurface + mesh.negative {
      let cracks = film.local.cracks(
        length: state[wear.at(.crack) + particle],
        molecules: state[wear.at(.crackFilm) + particle], active: surface(.share)[particle])
      wearSlot(.crackArea, wear)[particle] = cracks.area
      wearSlot(.crackThickness, wear)[particle] = cracks.thickness
    }
  }

  private func readAmplitudes(
    _ state: UnsafePointer<Double>, _ wear: PorousWear, _ particles: ParticlePopulation
  ) {
    let source = state + particles.modesAt
    let target = memory.base + wear.amplitudesAt(firstSurface: particles.firstSurface)
    let share = surface(.share) + particles.firstSurface
    for i in 0..<particles.count { target[i] = source[i] / share[i] }
    for i in particles.count..<modeCount * particles.count { target[i] = source[i] }
  }

  /// Adds the rates of the slow unknowns, and takes the lithium of lost material out of the
  /// particles. Called when all reactions and films are known.
  func addWear(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, _ wear: PorousWear
  ) {
    var drying = 0.0
    if laws.dries {
      let sum = grown(rates, start: 0)
      drying = laws.drying(electrolyte, molecules: sum.molecules, metal: sum.metal)
    }
    addWear(state, rates, wear, negative, laws.negative, film, drying)
    addWear(state, rates, wear, positive, laws.positive, nil, drying)
    if let second, let local = laws.second {
      addWear(state, rates, wear, second, local, secondFilm, drying)
    }
    rates[wear.leakedIndex] = terminals.leak / parameters.nominalCapacity
  }

  private func addWear(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, _ wear: PorousWear,
    _ particles: ParticlePopulation, _ local: LocalAgeing, _ film: SurfaceFilm?, _ drying: Double
  ) {
    let mean = amplitudes(state, particles)
    let wet = electrolyte.wetFraction
    for e in 0..<particles.count {
      let particle = particles.firstSurface + e
      let share = surface(.share)[particle]
      let active = state[wear.at(.active) + particle]
      let stress = local.stress(mean: mean[e], surface: surface(.stoichiometry)[particle])
      rates[wear.at(.crack) + particle] =
        local.cracks
        ? local.crackGrowth(length: state[wear.at(.crack) + particle], stress: stress) : 0
      if film == nil || !local.cracks || !local.grows {
        rates[wear.at(.crackFilm) + particle] = 0
      }
      let growth = film.map { slot(.film, $0)[e] + slot(.crack, $0)[e] } ?? 0
      let loss = local.activeRate(
        active: active, share: share, stress: stress, filmCurrent: growth)
      rates[wear.at(.active) + particle] = loss
      let trapped = -mean[e] * (wet * loss + active * drying)
      rates[wear.at(.trapped) + particle] = trapped
      let own = rates + particles.modesAt
      own[e] = share * own[e] - trapped
    }
  }

  /// Solves the rows of the slow unknowns but those of films on cracks.
  func solveWear(_ right: UnsafeMutablePointer<Double>, _ wear: PorousWear) {
    let inverse = 1 / leading
    for particle in 0..<wear.surfaces {
      right[wear.at(.crack) + particle] *= inverse
      right[wear.at(.active) + particle] *= inverse
      right[wear.at(.trapped) + particle] *= inverse
      if particle >= mesh.negative, particle < electrodeNodes {
        right[wear.at(.crackFilm) + particle] *= inverse
      }
    }
    if film == nil {
      for particle in 0..<mesh.negative { right[wear.at(.crackFilm) + particle] *= inverse }
    }
    if secondFilm == nil, electrodeNodes < surfaces {
      for particle in electrodeNodes..<surfaces { right[wear.at(.crackFilm) + particle] *= inverse }
    }
    let leak =
      terminals.leakByPotential * right[solidOffset + electrodeNodes - 1]
      + terminals.leakByCurrent * right[currentIndex]
    right[wear.leakedIndex] =
      (right[wear.leakedIndex] + leak / parameters.nominalCapacity) * inverse
  }

  /// Voltage and leak of a state with the wetted area `stack`, in m².
  func terminals(_ state: UnsafePointer<Double>, stack: Double) -> PorousTerminals {
    let collector = 1 / (stack * positiveContact)
    let current = state[currentIndex]
    var result = PorousTerminals()
    let open = state[solidOffset + electrodeNodes - 1] - current * (collector + contactLoss)
    result.voltage = open
    result.voltageByCurrent = -(collector + contactLoss)
    guard laws.leaks else { return result }
    // The leak follows the voltage, which follows the leak: a few corrections are exact.
    var slope = 0.0
    for _ in 0..<4 {
      let leak = laws.selfDischarge.current(
        voltage: result.voltage, temperature: state[temperatureIndex])
      slope = leak.byVoltage
      let change = (leak.value - result.leak) / (1 + collector * slope)
      result.leak += change
      result.voltage = open - collector * result.leak
      if abs(change) < 1e-14 * parameters.nominalCapacity { break }
    }
    result.voltageByPotential = 1 / (1 + collector * slope)
    result.voltageByCurrent *= result.voltageByPotential
    result.leakByPotential = slope * result.voltageByPotential
    result.leakByCurrent = slope * result.voltageByCurrent
    return result
  }

  /// Lengths of the cracks of a particle relative to its radius.
  func crackDepth(_ state: UnsafePointer<Double>, _ wear: PorousWear, _ particle: Int) -> Double {
    let isPositive = particle >= mesh.negative && particle < electrodeNodes
    let isSecond = particle >= electrodeNodes
    let local = isPositive ? laws.positive : isSecond ? laws.second ?? laws.negative : laws.negative
    let radius =
      isPositive
      ? positive.kernel.radius : isSecond ? second?.kernel.radius : negative.kernel.radius
    return state[wear.at(.crack) + particle] * local.mechanics.initialCrackLength
      / (radius ?? negative.kernel.radius)
  }

  /// The particle with the deepest cracks, and their depth.
  func deepestCrack(_ state: UnsafePointer<Double>) -> (particle: Int, depth: Double) {
    var deepest = (particle: 0, depth: 0.0)
    guard laws.cracks, let wear else { return deepest }
    for particle in 0..<wear.surfaces {
      let depth = crackDepth(state, wear, particle)
      if depth > deepest.depth { deepest = (particle, depth) }
    }
    return deepest
  }
}

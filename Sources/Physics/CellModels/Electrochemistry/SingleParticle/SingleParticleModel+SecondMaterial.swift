// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model: the second material's equations and its part of the Newton system.

import NumericalMethods
import Quantities

/// How the second material answers to a change of its current density.
struct SecondAnswer {
  /// Change of its potential over the film at an unchanged current density, and per change of it.
  var rest = 0.0
  var byCurrent = 0.0
  /// The same of its surface stoichiometry (falling), its branch and its plated lithium.
  var base = 0.0
  var answer = 0.0
  var branchBase = 0.0
  var branchAnswer = 0.0
  var platedBase = 0.0
  var platedAnswer = 0.0
}

extension SingleParticleModel {
  /// Writes the rested state of the second material.
  ///
  /// - Returns: Stoichiometry of the first material.
  func fillRest(
    _ second: SecondMaterial, mean: Double, into state: UnsafeMutablePointer<Double>
  ) -> Double {
    let branch = restHysteresis
    let kernels = (negative, second.kernel)
    let (first, other) = PorousElectrodeParameters.split(
      mean, shares: parameters.negative.shares, first: { kernels.0.openCircuit($0).value },
      second: { kernels.1.openCircuit($0).value + branch * second.gap.value(at: $0) })
    state[second.offset] = other
    state[second.index(.hysteresis)] = branch
    state[second.index(.film)] = 1
    state[second.index(.plated)] =
      second.local.plates
      ? second.local.metal.initialConcentration / LocalAgeing.metalScale : 0
    return first
  }

  /// Potential of the second material at its current density, with its slopes.
  mutating func evaluateSecond(
    _ state: UnsafePointer<Double>, _ second: SecondMaterial, _ salt: SaltAverages,
    _ temperature: Double
  ) {
    let local = second.local
    let x = surface(state, at: second.offset, active: wear.wet)
    let branch = state[second.index(.hysteresis)]
    let (gap, gapSlope) = second.gap.view.evaluate(x)
    var un = second.kernel.openCircuit(x)
    un.value += branch * gap
    un.slope += branch * gapSlope
    other.surface = x
    other.branch = branch
    other.film = local.thickness(molecules: state[second.index(.film)], active: wear.wet)
    other.plated = local.plates ? state[second.index(.plated)] * LocalAgeing.metalScale : 0
    let exchange = other.exchange * salt.rootNegative
    var en = overpotential(other.current, exchange, x)
    other.plating = 0
    other.byPlated = 0
    if local.plates {
      let conditions = platingConditions(
        local, plated: other.plated, film: other.film, salt: salt, temperature: temperature)
      var shared = sharePlating(
        local, conditions, &en, other.current, un, x: x, exchange: exchange)
      shared.consumption *= wear.wet
      other.response = shared
      other.plating = shared.plating
      other.byPlated = -shared.voltageByPlated
    }
    let resistance = other.film * local.resistivity
    other.openCircuit = un.value
    other.potential = un.value + en.value + other.current * resistance
    other.byCurrent = en.byCurrent + resistance
    other.byStoichiometry = un.slope + en.byStoichiometry
    other.byBranch = gap
  }

  /// Writes the rates of the film and the metal on the second material.
  ///
  /// - Returns: Growth of the molecules, and of all metal, in the units of the unknowns.
  mutating func fillSecondFilm(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>, _ second: SecondMaterial
  ) -> (film: Double, metal: Double) {
    let local = second.local
    other.side =
      local.grows
      ? local.filmCurrent(
        thickness: other.film, potential: anodePotential, total: other.current,
        temperature: state[temperatureIndex], solvent: wear.electrolyte.solvent) : 0
    let grown = wear.wet * other.side * local.filmFactor
    rates[second.index(.film)] = grown
    guard local.plates else {
      rates[second.index(.plated)] = 0
      rates[second.index(.dead)] = 0
      return (grown, 0)
    }
    let r = other.response
    let deposited = -r.consumption * other.plating
    let dying = r.dying * state[second.index(.plated)]
    rates[second.index(.plated)] = (1 - r.deadShare) * deposited - dying
    rates[second.index(.dead)] = r.deadShare * deposited + dying
    return (grown, deposited)
  }

  /// Writes the other rates of the second material.
  func fillSecond(
    _ state: UnsafePointer<Double>, _ rates: UnsafeMutablePointer<Double>,
    _ second: SecondMaterial, drying: Double
  ) {
    let current = other.current - other.side - other.plating
    fillModes(
      state, rates, at: second.offset, second.kernel, second.diffusion, rate: other.rate,
      current: current, active: wear.wet)
    let trapped = -state[second.offset] / wear.wet * drying
    rates[second.offset] -= trapped
    rates[second.index(.trapped)] = trapped
    // dh/dt = Γ·flux·(j − |j|·h)
    let branch = state[second.index(.hysteresis)]
    rates[second.index(.hysteresis)] =
      second.hysteresisRate * second.flux * (current - abs(current) * branch)
    rates[second.index(.current)] = anodePotential - other.potential
  }

  /// Solves the second material's rows at an unchanged current density.
  func reduceSecond(
    _ right: UnsafeMutablePointer<Double>, _ second: SecondMaterial
  ) -> SecondAnswer {
    var result = SecondAnswer()
    let (sum, response) = reduce(
      right, at: second.offset, second.kernel, second.diffusion, other.rate, active: wear.wet)
    result.base = sum
    result.answer = response
    if second.local.plates {
      let r = other.response
      let consumption = (1 - r.deadShare) * r.consumption
      let diagonal = leading + r.dying + consumption * r.byPlated
      let weight = (leading + r.dying) / diagonal
      let scale = 1 / (1 - response * weight * r.byStoichiometry)
      let plated = right[second.index(.plated)]
      result.base = (sum + response * r.byPlated * plated / diagonal) * scale
      result.answer = response * (1 - weight * r.byCurrent) * scale
      result.platedBase = (plated - consumption * r.byStoichiometry * result.base) / diagonal
      result.platedAnswer =
        -consumption * (r.byCurrent - r.byStoichiometry * result.answer) / diagonal
    }
    let current = other.current - other.side - other.plating
    let rate = second.hysteresisRate * second.flux
    let inverse = 1 / (leading + rate * abs(current))
    result.branchBase = right[second.index(.hysteresis)] * inverse
    result.branchAnswer = rate * inverse * branchSlope(current)
    result.rest =
      other.byStoichiometry * result.base + other.byBranch * result.branchBase
      + other.byPlated * result.platedBase
    result.byCurrent =
      -other.byStoichiometry * result.answer + other.byBranch * result.branchAnswer
      + other.byPlated * result.platedAnswer + other.byCurrent
    return result
  }

  /// `1 ∓ h` of the last evaluation.
  private func branchSlope(_ current: Double) -> Double {
    1 - (current < 0 ? -other.branch : other.branch)
  }

  /// Finds the second material's changes from that of its current density.
  func expandSecond(
    _ right: UnsafeMutablePointer<Double>, _ second: SecondMaterial, _ answer: SecondAnswer,
    _ change: Double
  ) {
    var flow = change
    if second.local.plates {
      let r = other.response
      let plated = answer.platedBase + answer.platedAnswer * change
      // From the row of the plated lithium, as for the first material.
      let consumption = (1 - r.deadShare) * r.consumption
      let stoichiometry = answer.base - answer.answer * change
      let current =
        consumption > 0
        ? (right[second.index(.plated)] - (leading + r.dying) * plated) / consumption
        : r.byStoichiometry * stoichiometry + r.byCurrent * change + r.byPlated * plated
      right[second.index(.plated)] = plated
      right[second.index(.dead)] += r.dying * plated - r.deadShare * r.consumption * current
      flow -= current
    } else {
      right[second.index(.plated)] /= leading
    }
    right[second.index(.dead)] /= leading
    right[second.index(.film)] /= leading
    right[second.index(.trapped)] /= leading
    right[second.index(.hysteresis)] = answer.branchBase + answer.branchAnswer * change
    right[second.index(.current)] = change
    expand(
      right, at: second.offset, second.kernel, second.diffusion, other.rate, flow,
      active: wear.wet)
  }

  /// Adds what formed on the second material.
  func observeFilm(
    _ second: SecondMaterial, _ state: UnsafePointer<Double>, _ result: inout CellObservation
  ) {
    let volume = parameters.negative.thickness * area
    let local = second.local
    if local.grows {
      result.filmLithium +=
        local.freshFilm * volume * local.film.lithiumPerMolecule * (state[second.index(.film)] - 1)
    }
    result.platedLithium += platingUnit * state[second.index(.plated)]
    result.deadLithium += platingUnit * state[second.index(.dead)]
  }
}

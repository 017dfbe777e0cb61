// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: what can be measured, events and profiles.

import Quantities

extension PorousElectrodeModel {
  /// Terminal voltage and leak of a state.
  func terminals(_ state: UnsafePointer<Double>) -> PorousTerminals {
    terminals(state, stack: hasWear ? area * remainder(state).wetFraction : area)
  }

  /// Writes the distances to the limits; one that falls to zero ends a step.
  public mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    for event in CellEvent.allCases { values[event.rawValue] = 1 }
    let voltage = terminals(state).voltage
    let salt = leastSalt(state)
    values[CellEvent.lowerVoltage.rawValue] = voltage - max(limits.lowerVoltage, -1e3)
    values[CellEvent.upperVoltage.rawValue] = min(limits.upperVoltage, 1e3) - voltage
    values[CellEvent.currentBelow.rawValue] = abs(state[currentIndex]) - limits.currentBelow
    values[CellEvent.electrolyteDepleted.rawValue] = salt - limits.depletion
    values[CellEvent.temperatureAbove.rawValue] =
      min(limits.temperatureAbove, 1e4) - state[temperatureIndex]
    values[CellEvent.platingPossible.rawValue] =
      limits.platingMargin > -1e3 ? platingMargin(state) - limits.platingMargin : 1
    if hasWear { values[CellEvent.crackedThrough.rawValue] = 1 - deepestCrack(state).depth }
  }

  /// Smallest potential of the negative electrode against lithium in the electrolyte, in volts.
  func platingMargin(_ state: UnsafePointer<Double>) -> Double {
    var margin = Double.infinity
    for e in 0..<mesh.negative {
      margin = min(margin, state[solidOffset + e] - state[potentialOffset + e])
    }
    return margin
  }

  /// Salt concentration relative to rest in a volume.
  func concentration(_ state: UnsafePointer<Double>, _ i: Int) -> Double {
    hasFilm && i < mesh.negative ? state[i] / openShare(state, i) : state[i]
  }

  private func leastSalt(_ state: UnsafePointer<Double>) -> Double {
    var least = Double.infinity
    for i in 0..<nodes { least = min(least, concentration(state, i)) }
    return least
  }

  /// What can be measured of a state.
  public mutating func observe(_ state: UnsafePointer<Double>) -> CellObservation {
    var result = CellObservation()
    result.current = state[currentIndex]
    let terminals = terminals(state)
    result.voltage = terminals.voltage
    result.temperature = state[temperatureIndex]
    result.platingMargin = platingMargin(state)
    result.salt = leastSalt(state)
    let rest = parameters.electrolyte.initialConcentration
    for i in 0..<nodes {
      result.electrolyteLithium += area * node(.capacity)[i] * rest * state[i]
    }
    let hosts = parameters.hostCapacity
    let shares = parameters.negative.shares
    let low = means(state, negative)
    let high = means(state, positive)
    var (lithium, active) = (low.lithium, low.share)
    if let second {
      let other = means(state, second)
      lithium = shares.first * lithium + shares.second * other.lithium
      active = shares.first * active + shares.second * other.share
    }
    result.negativeStoichiometry = lithium / active
    result.positiveStoichiometry = high.lithium / high.share
    result.negativeActive = active
    result.positiveActive = high.share
    result.electrodeLithium = hosts.negative * lithium + hosts.positive * high.lithium
    // No side reaction touches the positive electrode.
    result.charge = faraday * hosts.positive * high.lithium
    result.heat = heatRate
    if let film { observe(film, state, &result) }
    if let secondFilm { observe(secondFilm, state, &result) }
    if let wear { observe(wear, state, &result) }
    result.lostLithium = result.filmLithium + result.deadLithium + result.trappedLithium
    result.gas = laws.gas.amount(filmLithium: result.filmLithium)
    observeMechanics(state, &result)
    return result
  }
}

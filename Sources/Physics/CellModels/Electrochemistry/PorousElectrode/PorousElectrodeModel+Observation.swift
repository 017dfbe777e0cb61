// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The Doyle–Fuller–Newman model: what can be measured, events and profiles.

import Quantities

extension PorousElectrodeModel {
  /// Terminal voltage of a state, in volts.
  func voltage(_ state: UnsafePointer<Double>) -> Double {
    let loss = 1 / (area * positiveContact) + contactLoss
    return state[solidOffset + electrodeNodes - 1] - state[currentIndex] * loss
  }

  /// Writes the distances to the limits; one that falls to zero ends a step.
  public mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    for event in CellEvent.allCases { values[event.rawValue] = 1 }
    let voltage = voltage(state)
    let salt = leastSalt(state)
    values[CellEvent.lowerVoltage.rawValue] = voltage - max(limits.lowerVoltage, -1e3)
    values[CellEvent.upperVoltage.rawValue] = min(limits.upperVoltage, 1e3) - voltage
    values[CellEvent.currentBelow.rawValue] = abs(state[currentIndex]) - limits.currentBelow
    values[CellEvent.electrolyteDepleted.rawValue] = salt - limits.depletion
    values[CellEvent.temperatureAbove.rawValue] =
      min(limits.temperatureAbove, 1e4) - state[temperatureIndex]
    values[CellEvent.platingPossible.rawValue] =
      limits.platingMargin > -1e3 ? platingMargin(state) - limits.platingMargin : 1
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
    guard let film, i < mesh.negative else { return state[i] }
    return state[i] / openShare(state, film, i)
  }

  private func leastSalt(_ state: UnsafePointer<Double>) -> Double {
    var least = Double.infinity
    for i in 0..<nodes { least = min(least, concentration(state, i)) }
    return least
  }

  /// What the side reactions have formed.
  private func observe(
    _ film: SurfaceFilm, _ state: UnsafePointer<Double>, _ result: inout CellObservation
  ) {
    let count = mesh.negative
    let own = state + film.unknownsAt
    var (grown, plated, dead) = (0.0, 0.0, 0.0)
    for e in 0..<count {
      grown += mesh.widths[e] * (own[count + e] - 1)
      plated += mesh.widths[e] * own[2 * count + e]
      dead += mesh.widths[e] * own[3 * count + e]
    }
    let start = film.film.initialThickness
    if film.grows {
      result.filmThickness = start * (1 + grown / parameters.negative.thickness)
    }
    let perVolume =
      film.film.lithiumPerMolecule / film.film.partialMolarVolume
      * parameters.negative.surfaceDensity
    result.filmLithium = area * grown * start * perVolume
    result.platedLithium = area * plated * SurfaceFilm.metalScale
    result.deadLithium = area * dead * SurfaceFilm.metalScale
    result.lostLithium = result.filmLithium + result.deadLithium
  }

  /// What can be measured of a state.
  public mutating func observe(_ state: UnsafePointer<Double>) -> CellObservation {
    var result = CellObservation()
    result.current = state[currentIndex]
    result.voltage = voltage(state)
    result.temperature = state[temperatureIndex]
    result.platingMargin = platingMargin(state)
    result.salt = leastSalt(state)
    let rest = parameters.electrolyte.initialConcentration
    for i in 0..<nodes {
      result.electrolyteLithium += area * node(.capacity)[i] * rest * state[i]
    }
    let shares = parameters.negative.shares
    for e in 0..<mesh.negative {
      var x = state[negative.modesAt + e]
      if let second { x = shares.first * x + shares.second * state[second.modesAt + e] }
      result.negativeStoichiometry += mesh.widths[e] * x
    }
    for e in 0..<mesh.positive {
      let width = mesh.widths[mesh.negative + mesh.separator + e]
      result.positiveStoichiometry += width * state[positive.modesAt + e]
    }
    let hosts = parameters.hostCapacity
    result.negativeStoichiometry /= parameters.negative.thickness
    result.positiveStoichiometry /= parameters.positive.thickness
    result.electrodeLithium =
      hosts.negative * result.negativeStoichiometry + hosts.positive * result.positiveStoichiometry
    // No side reaction touches the positive electrode.
    result.charge = faraday * hosts.positive * result.positiveStoichiometry
    result.heat = heatRate
    if let film { observe(film, state, &result) }
    return result
  }
}

extension CellParameters {
  /// Lithium that both hosts hold when full, in moles.
  public var hostCapacity: (negative: Double, positive: Double) {
    let area = electrodeArea * pairCount
    let low = area * negative.thickness * negative.hostConcentration
    let high = area * positive.thickness * positive.activeFraction * positive.maximumConcentration
    return (low, high)
  }
}

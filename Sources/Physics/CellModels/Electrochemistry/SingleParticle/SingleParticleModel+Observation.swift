// Anodyne: battery safety from cell physics to the fleet.
// SPDX-License-Identifier: Apache-2.0
// The single-particle model: events and what can be measured.

extension SingleParticleModel {
  /// Writes the distances to the limits; one that falls to zero ends a step.
  public mutating func evaluateEvents(
    time: Double, state: UnsafePointer<Double>, into values: UnsafeMutablePointer<Double>
  ) {
    for event in CellEvent.allCases { values[event.rawValue] = 1 }
    guard evaluateVoltage(state) else { return }
    values[CellEvent.lowerVoltage.rawValue] = voltage - max(limits.lowerVoltage, -1e3)
    values[CellEvent.upperVoltage.rawValue] = min(limits.upperVoltage, 1e3) - voltage
    values[CellEvent.currentBelow.rawValue] = abs(state[currentIndex]) - limits.currentBelow
    values[CellEvent.temperatureAbove.rawValue] =
      min(limits.temperatureAbove, 1e4) - state[temperatureIndex]
    if limits.platingMargin > -1e3 {
      values[CellEvent.platingPossible.rawValue] = anodePotential - limits.platingMargin
    }
    if nodes > 0 {
      values[CellEvent.electrolyteDepleted.rawValue] = leastSalt(state) - limits.depletion
    }
  }

  private func leastSalt(_ state: UnsafePointer<Double>) -> Double {
    var least = Double.infinity
    for i in 0..<nodes { least = min(least, state[saltOffset + i]) }
    return nodes > 0 ? least : 1
  }

  /// What can be measured of a state.
  public mutating func observe(_ state: UnsafePointer<Double>) -> CellObservation {
    var result = CellObservation()
    _ = evaluateVoltage(state)
    result.current = state[currentIndex]
    result.voltage = voltage
    result.temperature = state[temperatureIndex]
    result.platingMargin = anodePotential
    result.salt = leastSalt(state)
    result.negativeStoichiometry = state[0]
    result.positiveStoichiometry = state[positiveModes]
    result.heat = heatRate
    let hosts = parameters.hostCapacity
    result.electrodeLithium = hosts.negative * state[0] + hosts.positive * state[positiveModes]
    let rest = parameters.electrolyte.initialConcentration
    for i in 0..<nodes {
      result.electrolyteLithium += area * slot(.storage)[i] * rest * state[saltOffset + i]
    }
    if grows {
      result.filmThickness = state[filmIndex] * film.initialThickness
      let molecules =
        (result.filmThickness - film.initialThickness) / film.partialMolarVolume
        * film.lithiumPerMolecule
      result.lostLithium =
        molecules * negative.surfaceDensity * parameters.negative.thickness * area
    }
    return result
  }
}

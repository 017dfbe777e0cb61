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
    if laws.cracks {
      let depths = crackDepths(state)
      values[CellEvent.crackedThrough.rawValue] = 1 - max(depths.negative, depths.positive)
    }
    if nodes > 0 {
      values[CellEvent.electrolyteDepleted.rawValue] = leastSalt(state) - limits.depletion
    }
  }

  /// Lengths of the cracks relative to the radii of their particles.
  func crackDepths(_ state: UnsafePointer<Double>) -> (negative: Double, positive: Double) {
    (
      state[ageingIndex(.negativeCrack)] * laws.negative.mechanics.initialCrackLength
        / negative.radius,
      state[ageingIndex(.positiveCrack)] * laws.positive.mechanics.initialCrackLength
        / positive.radius
    )
  }

  private func leastSalt(_ state: UnsafePointer<Double>) -> Double {
    var least = Double.infinity
    let salt = concentrations(state)
    for i in 0..<nodes { least = min(least, salt[i]) }
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
    result.heat = heatRate
    let hosts = parameters.hostCapacity
    result.negativeStoichiometry = state[0] / wear.negative
    result.positiveStoichiometry = state[positiveModes] / wear.positive
    var low = state[0]
    if let second {
      let (mine, theirs) = (1 - second.share, second.share)
      low = mine * state[0] + theirs * state[second.offset]
      result.negativeStoichiometry = low / (mine * wear.negative + theirs * wear.wet)
    }
    result.electrodeLithium = hosts.negative * low + hosts.positive * state[positiveModes]
    let rest = parameters.electrolyte.initialConcentration
    for i in 0..<nodes {
      result.electrolyteLithium += area * slot(.storage)[i] * rest * state[saltOffset + i]
    }
    result.charge = faraday * hosts.positive * state[positiveModes]
    if grows {
      result.filmThickness = wear.film
      result.filmLithium = freshFilm * area * film.lithiumPerMolecule * (state[filmIndex] - 1)
    }
    if ages { observeAgeing(state, &result) }
    result.lostLithium = result.filmLithium + result.deadLithium + result.trappedLithium
    result.gas = laws.gas.amount(filmLithium: result.filmLithium)
    observeMechanics(&result, firstMean: state[0] / wear.negative)
    return result
  }

  private func observeAgeing(_ state: UnsafePointer<Double>, _ result: inout CellObservation) {
    let hosts = parameters.hostCapacity
    if grows {
      let start = laws.negative.freshCrackFilm
      result.filmLithium +=
        freshFilm * area * film.lithiumPerMolecule * (state[ageingIndex(.crackFilm)] - start)
    }
    result.platedLithium = platingUnit * state[ageingIndex(.plated)]
    result.deadLithium = platingUnit * state[ageingIndex(.dead)]
    let trapped = state[ageingIndex(.positiveTrapped)]
    var low = state[ageingIndex(.negativeTrapped)]
    result.negativeActive = wear.negative
    if let second {
      low = (1 - second.share) * low + second.share * state[second.index(.trapped)]
      result.negativeActive = (1 - second.share) * wear.negative + second.share * wear.wet
      observeFilm(second, state, &result)
    }
    result.trappedLithium = hosts.negative * low + hosts.positive * trapped
    result.leakedCharge = parameters.nominalCapacity * state[ageingIndex(.leaked)]
    // Charge through the positive electrode is what came to it; a part of that leaked.
    result.charge += faraday * hosts.positive * trapped - result.leakedCharge
    result.positiveActive = wear.positive
    result.wetFraction = wear.wet
    if laws.cracks {
      let depths = crackDepths(state)
      result.crackLength = depths.negative * negative.radius
      result.crackDepth = max(depths.negative, depths.positive)
    }
  }

  private func observeMechanics(_ result: inout CellObservation, firstMean: Double) {
    result.negativeStress = laws.negative.stress(
      mean: firstMean, surface: surfaceNegative)
    result.positiveStress = laws.positive.stress(
      mean: result.positiveStoichiometry, surface: surfacePositive)
    // Lost particles keep the size they were lost with; only those in contact breathe.
    let both =
      parameters.negative.thicknessChange(
        from: 0, to: result.negativeStoichiometry, fraction: result.negativeActive)
      + parameters.positive.thicknessChange(
        from: 0, to: result.positiveStoichiometry, fraction: result.positiveActive)
    result.swelling = parameters.pairCount * both
  }
}
